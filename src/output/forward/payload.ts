/**
 * HOT PATH. Records of a queue as payloads of datagrams: without their line end, cut to a limit.
 */

const LF = 0x0a;
const CONT_MASK = 0xc0;
const CONT = 0x80;
/** Bytes of a UTF-8 sequence after the first. */
const CONT_MAX = 3;

/** @returns the offset after the record that begins at `begin`, including its LF; `end` if none ends before it */
export function recordEnd(bytes: Buffer, begin: number, end: number): number {
  const lf = bytes.indexOf(LF, begin);
  return lf === -1 || lf >= end ? end : lf + 1;
}

/**
 * Where a payload of at most `limit` bytes ends: between two characters, if the bytes there are UTF-8.
 *
 * @param end offset after the last byte to send if there is room
 */
export function payloadEnd(bytes: Uint8Array, begin: number, end: number, limit: number): number {
  if (end - begin <= limit) return end;
  const cut = begin + limit;
  let at = cut;
  while (at > begin && cut - at < CONT_MAX && (bytes[at]! & CONT_MASK) === CONT) at--;
  return (bytes[at]! & CONT_MASK) === CONT ? cut : at;
}
