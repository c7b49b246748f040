/**
 * What every format of a record must do: turn one row into bytes at a place that the caller has reserved.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { ByteBlock } from '../dgram-parser/columns/byte-block.ts';

/** The host to write a row with: `len` bytes of `bytes` at `off`. One object, reused for each row. */
export interface HostLabel {
  bytes: Uint8Array;
  off: number;
  len: number;
}

/** HOT PATH. Implementations have caches, so each object serves one thread of work. */
export interface RecordFormat {
  /** @returns the maximum number of bytes that {@link write} needs for this row, including its line end */
  bound(batch: Batch, row: number, host: HostLabel): number;
  /**
   * Writes one whole record with its line end; `crlf` for terminals.
   *
   * @returns the offset after the record
   */
  write(batch: Batch, row: number, host: HostLabel, dst: ByteBlock, off: number, crlf: boolean): number;
}
