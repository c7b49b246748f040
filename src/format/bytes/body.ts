/**
 * HOT PATH. The parts of a record that several formats share: the body of a traditional line, the text, and the end of
 * the line.
 *
 * What the parser does not guarantee to be safe is sanitized here; rows with F_CLEAN are copied as they are.
 */
import { type Batch, F_CLEAN, F_RFC5424 } from '../../dgram-parser/columns/batch.ts';
import { type ByteBlock, copyWords } from '../../dgram-parser/columns/byte-block.ts';
import { SANITIZE_MAX_EXPANSION, sanitize } from '../../dgram-parser/sanitize.ts';
import { CH } from '../../protocol/char-class.ts';

const CR = 0x0d;
/** Brackets, colon and blank of an assembled tag; CR LF. */
const PUNCTUATION_BYTES = 8;

/** @returns the maximum number of bytes that {@link writeBody} and {@link writeLineEnd} write for this row */
export function bodyBound(batch: Batch, row: number): number {
  const bytes = batch.endOff[row]! - batch.bodyOff[row]!;
  const expansion = (batch.flags[row]! & F_CLEAN) !== 0 ? 1 : SANITIZE_MAX_EXPANSION;
  return bytes * expansion + PUNCTUATION_BYTES;
}

/**
 * Writes what a traditional line shows after the host: tag, pid, separator and text of a traditional message as
 * received, made safe; those of an RFC 5424 message are assembled as `APP[PROCID]: MSG`.
 *
 * @returns the offset after it
 */
export function writeBody(batch: Batch, row: number, dst: ByteBlock, off: number, keep8bit: boolean): number {
  if ((batch.flags[row]! & F_RFC5424) === 0) return writeFrom(batch, row, batch.bodyOff[row]!, dst, off, keep8bit);
  const at = batch.tagLen[row]! > 0 ? writeTag(batch, row, dst, off) : off;
  return writeFrom(batch, row, batch.textOff[row]!, dst, at, keep8bit);
}

/** Writes `TAG[PID]: ` or `TAG: `; safe by the grammar of the parser. @returns the offset after it */
export function writeTag(batch: Batch, row: number, dst: ByteBlock, off: number): number {
  const tagOff = batch.tagOff[row]!;
  const { bytes } = dst;
  let at = copyWords(batch.view, tagOff, tagOff + batch.tagLen[row]!, dst.view, off);
  const pidLen = batch.pidLen[row]!;
  if (pidLen > 0) {
    bytes[at++] = CH.bracketOpen;
    at = copyWords(batch.view, batch.pidOff[row]!, batch.pidOff[row]! + pidLen, dst.view, at);
    bytes[at++] = CH.bracketClose;
  }
  bytes[at++] = CH.colon;
  bytes[at++] = CH.space;
  return at;
}

/** Writes the message from `from`, inside the body, to its end, made safe. @returns the offset after it */
export function writeFrom(
  batch: Batch,
  row: number,
  from: number,
  dst: ByteBlock,
  off: number,
  keep8bit: boolean,
): number {
  const end = batch.endOff[row]!;
  if ((batch.flags[row]! & F_CLEAN) !== 0) return copyWords(batch.view, from, end, dst.view, off);
  return sanitize(batch.bytes, from, end, dst.bytes, off, keep8bit);
}

/** Writes LF, or CR LF. @returns the offset after it */
export function writeLineEnd(dst: ByteBlock, off: number, crlf: boolean): number {
  let at = off;
  if (crlf) dst.bytes[at++] = CR;
  dst.bytes[at++] = CH.lf;
  return at;
}
