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
  /** As the kernel has it: bytes that are not printable are escaped as `\xHH`. */
  readonly text: Buffer;
}

const SEMICOLON = 0x3b;
const LF = 0x0a;

/** @returns null where the bytes are no record. */
export function parseKmsgRecord(bytes: Buffer): KmsgRecord | null {
  const semicolon = bytes.indexOf(SEMICOLON);
  if (semicolon === -1) return null;
  const [pri, sequence, usec] = bytes.toString('latin1', 0, semicolon).split(',').map(Number);
  if (pri === undefined || sequence === undefined || usec === undefined) return null;
  if (!Number.isInteger(pri) || !Number.isInteger(sequence) || !Number.isInteger(usec)) return null;
  const newline = bytes.indexOf(LF, semicolon);
  return { pri, sequence, usec, text: bytes.subarray(semicolon + 1, newline === -1 ? bytes.length : newline) };
}
