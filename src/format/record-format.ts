/**
 * What every format of a record must do: turn one row into bytes at a place that the caller has reserved.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { ByteBlock } from '../dgram-parser/columns/byte-block.ts';

/** The host that a row is written with: `len` bytes of `bytes` at `off`. One object, set anew for each row. */
export interface HostLabel {
  bytes: Uint8Array;
  off: number;
  len: number;
}

/** HOT PATH. Implementations keep caches of their own, so one object serves one thread of work. */
export interface RecordFormat {
  /**
   * @returns the most bytes that {@link write} needs for this row, its line end included.
   */
  bound(batch: Batch, row: number, host: HostLabel): number;
  /**
   * Writes one whole record with its line end; `crlf` as terminals want it.
   *
   * @returns the offset behind the record.
   */
  write(batch: Batch, row: number, host: HostLabel, dst: ByteBlock, off: number, crlf: boolean): number;
}
