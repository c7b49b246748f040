/**
 * Memory whose address is given to the kernel.
 *
 * koffi does not keep such memory alive: an address is a number, and V8 collects memory that only a number refers to.
 * So a buffer, its address, and everything that points to it (above all the array of iovecs) must be fields of one
 * object that lives as long as calls use it. V8 does not move the memory of an ArrayBuffer.
 */
import { native } from './native.ts';

/** A zeroed block with its address. Keep the object, not the address. */
export class NativeBuffer {
  readonly memory: ArrayBuffer;
  readonly bytes: Buffer;
  /** The same memory as 32-bit words in native byte order. */
  readonly words: Int32Array;
  readonly address: number;

  /** @param sizeBytes rounded up to a multiple of 8 */
  constructor(sizeBytes: number) {
    this.memory = new ArrayBuffer(Math.max(8, Math.ceil(sizeBytes / 8) * 8));
    this.bytes = Buffer.from(this.memory);
    this.words = new Int32Array(this.memory);
    this.address = addressOf(this.memory);
  }

  /** Writes a pointer or a size_t at a byte offset. */
  setWord64(offset: number, value: number): void {
    this.bytes.writeBigUInt64LE(BigInt(value), offset);
  }
}

/** @returns the address of a block that the caller keeps alive; below 2^53 on every machine of abi.ts */
export function addressOf(memory: ArrayBuffer): number {
  return Number(native().address(memory));
}
