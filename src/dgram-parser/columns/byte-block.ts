/**
 * HOT PATH. Memory that is read and written byte by byte or in words, and the copy between two such blocks.
 *
 * On older versions of Node.js `Buffer.copy` makes a view for every call, which costs as much as copying two hundred
 * bytes; words through a DataView need neither a call nor alignment. perf: bench/micro/queue/copy
 */

/** One piece of memory with two views. Offsets are the same in both. */
export interface ByteBlock {
  readonly bytes: Buffer;
  readonly view: DataView;
}

const WORD_BYTES = 4;
/** Bytes copied in one turn of the loop. */
const STEP_BYTES = 4 * WORD_BYTES;
/** From this size on a call into the engine is cheaper, even with two views made for it. */
const CALL_MIN_BYTES = 512;

/** @returns `bytes` with a view of the same memory */
export function blockOf(bytes: Buffer): ByteBlock {
  return { bytes, view: viewOf(bytes) };
}

/** @returns a view of the same memory */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Copies `src` from `begin` to `end` to `dst` at `off`; they must not overlap.
 *
 * @returns the offset after the copy
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
