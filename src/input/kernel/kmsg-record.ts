/**
 * One record of /dev/kmsg: `PRI,SEQ,USEC,FLAGS[,…];TEXT`, then lines ` KEY=VALUE` that are ignored here.
 * Source: the kernel's Documentation/ABI/testing/dev-kmsg.
 */

export interface KmsgRecord {
  /** Facility × 8 + severity; user space may have written facilities above 0. */
  readonly pri: number;
  readonly sequence: number;
  /** Since boot, on the monotonic clock. */
  readonly usec: number;
  /** As it was written to the log, any bytes. */
  readonly text: Buffer;
}

const SEMICOLON = 0x3b;
const LF = 0x0a;
const BACKSLASH = 0x5c;
const LOWER_X = 0x78;
/** `\x0a` */
const ESCAPE_BYTES = 4;

/** @returns null where the bytes are not a record */
export function parseKmsgRecord(bytes: Buffer): KmsgRecord | null {
  const semicolon = bytes.indexOf(SEMICOLON);
  if (semicolon === -1) return null;
  const [pri, sequence, usec] = bytes.toString('latin1', 0, semicolon).split(',').map(Number);
  if (pri === undefined || sequence === undefined || usec === undefined) return null;
  if (!Number.isInteger(pri) || !Number.isInteger(sequence) || !Number.isInteger(usec)) return null;
  const newline = bytes.indexOf(LF, semicolon);
  const text = bytes.subarray(semicolon + 1, newline === -1 ? bytes.length : newline);
  return { pri, sequence, usec, text: unescape(text) };
}

/**
 * Undoes the escapes of the kernel, which writes all but printable ASCII, and the backslash, as `\xHH`. The result is
 * made safe when it is written, like any other text.
 */
function unescape(text: Buffer): Buffer {
  let i = text.indexOf(BACKSLASH);
  if (i === -1) return text;
  const plain = Buffer.from(text);
  let out = i;
  while (i < text.length) {
    const value = text[i] === BACKSLASH && text[i + 1] === LOWER_X ? hexPair(text, i + 2) : -1;
    plain[out++] = value === -1 ? (text[i] ?? 0) : value;
    i += value === -1 ? 1 : ESCAPE_BYTES;
  }
  return plain.subarray(0, out);
}

/** @returns the value of two hexadecimal digits at `at`, or -1 */
function hexPair(text: Buffer, at: number): number {
  const digits = text.toString('latin1', at, at + 2);
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
}
