/**
 * HOT PATH. Memory that is read and written byte by byte or in words, and the copy between two such blocks.
 *
 * `Buffer.copy` makes a view for every call on the older versions of Node.js, which costs as much as copying two
 * hundred bytes; words through a DataView need neither a call nor an alignment. perf: bench/micro/copy
 */

/** One piece of memory, seen in two ways. Offsets are the same in both. */
export interface ByteBlock {
  readonly bytes: Buffer;
  readonly view: DataView;
}

const WORD_BYTES = 4;
/** Copied in one turn of the loop. */
const STEP_BYTES = 4 * WORD_BYTES;
/** From here on a call into the engine, with two views made for it, is cheaper. */
const CALL_MIN_BYTES = 512;

/** @returns `bytes` with a view of the same memory. */
export function blockOf(bytes: Buffer): ByteBlock {
  return { bytes, view: viewOf(bytes) };
}

/** @returns a view of the same memory. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Copies `src` from `begin` to `end` to `dst` at `off`; they must not overlap.
 *
 * @returns the offset behind the copy
 */
export function copyWords(src: DataView, begin: number, end: number, dst: DataView, off: number): number {
  if (end - begin >= CALL_MIN_BYTES) return copyByCall(src, begin, end, dst, off);
  let from = begin;
  let to = off;
  for (; from + STEP_BYTES <= end; from += STEP_BYTES) {
    // The byte order does not matter, as long as it is the same on both sides.
    dst.setInt32(to, src.getInt32(from, true), true);
    dst.setInt32(to + 4, src.getInt32(from + 4, true), true);
    dst.setInt32(to + 8, src.getInt32(from + 8, true), true);
    dst.setInt32(to + 12, src.getInt32(from + 12, true), true);
    to += STEP_BYTES;
  }
  for (; from + WORD_BYTES <= end; from += WORD_BYTES) {
    dst.setInt32(to, src.getInt32(from, true), true);
    to += WORD_BYTES;
  }
  for (; from < end; from++) dst.setUint8(to++, src.getUint8(from));
  return to;
}

function copyByCall(src: DataView, begin: number, end: number, dst: DataView, off: number): number {
  const source = new Uint8Array(src.buffer, src.byteOffset + begin, end - begin);
  new Uint8Array(dst.buffer, dst.byteOffset + off, end - begin).set(source);
  return off + end - begin;
}
