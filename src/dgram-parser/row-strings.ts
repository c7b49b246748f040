/**
 * The strings of one parsed row, for programs that ask for objects: decoded, and made safe to print if wanted
 * (sanitize.ts).
 *
 * Nearly every header is plain ASCII. It becomes one string and the fields are slices of it: a call into the engine
 * costs more than all of them. Other headers are decoded field by field. Nothing of a row outlives the next one.
 */
import { type Batch, F_CLEAN } from './columns/batch.ts';
import { isCleanRange } from './clean-scan.ts';
import { SANITIZE_MAX_EXPANSION, sanitize } from './sanitize.ts';
import { type SdStrings, unescapeValue } from './structured/structured-data.ts';

/** A field that needs more scratch memory gets its own. */
const SCRATCH_BYTES = 8192;
const NOTHING: Buffer = Buffer.alloc(0);
/** The escaped forms of `"`, `\` and `]` in a PARAM-VALUE. Source: RFC 5424 §6.3.3. */
const ESCAPE = /\\(["\\\]])/g;

/** Reads row 0 of batches. Offsets are absolute in the bytes of the batch. */
export class RowStrings implements SdStrings {
  private readonly isSafe: boolean;
  private bytes = NOTHING;
  /** All bytes before the text as characters; meaningful only if the header is clean. */
  private header = '';
  private isHeaderClean = false;
  private scratch = NOTHING;

  /** @param isSafe whether to make strings safe to print, or decode them as received */
  constructor(isSafe: boolean) {
    this.isSafe = isSafe;
  }

  /** Turns to row 0 of `batch`, which has been parsed, until {@link RowStrings.close}. @returns its text (MSG) */
  open(batch: Batch): string {
    const { bytes } = batch;
    const text = batch.textOff[0]!;
    const end = batch.endOff[0]!;
    const isClean = (batch.flags[0]! & F_CLEAN) !== 0;
    this.bytes = bytes;
    // A host is always ASCII; all other fields lie between body and text.
    this.isHeaderClean = isClean || isCleanRange(batch.words, bytes, batch.bodyOff[0]!, text);
    // One character per byte: what is cut from it is ASCII, whatever the rest may be.
    this.header = this.isHeaderClean ? bytes.toString('latin1', 0, text) : '';
    return isClean ? bytes.toString('latin1', text, end) : this.decode(bytes, text, end);
  }

  /** Drops the reference to the batch. */
  close(): void {
    this.bytes = NOTHING;
    this.header = '';
  }

  /** @returns the bytes from `off` to `end`, before the text */
  field(off: number, end: number): string {
    return this.isHeaderClean ? this.header.slice(off, end) : this.decode(this.bytes, off, end);
  }

  /** @returns a PARAM-VALUE, without its quotes, its escapes resolved */
  value(off: number, end: number): string {
    if (this.isHeaderClean) {
      const value = this.header.slice(off, end);
      return value.includes('\\') ? value.replaceAll(ESCAPE, '$1') : value;
    }
    const plain = unescapeValue(this.bytes.subarray(off, end));
    return this.decode(plain, 0, plain.length);
  }

  private decode(bytes: Buffer, off: number, end: number): string {
    if (!this.isSafe) return bytes.toString('utf8', off, end);
    const safe = this.scratchFor((end - off) * SANITIZE_MAX_EXPANSION);
    return safe.toString('utf8', 0, sanitize(bytes, off, end, safe, 0, false));
  }

  private scratchFor(size: number): Buffer {
    if (size > SCRATCH_BYTES) return Buffer.allocUnsafe(size);
    if (this.scratch.length === 0) this.scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    return this.scratch;
  }
}
