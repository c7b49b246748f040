/**
 * Rows that cannot be delivered yet, since the previous process still writes: kept in order and without unused space.
 *
 * Only the columns that an input fills are kept: rows are held before they are parsed.
 */
import { type Batch, slotOff } from '../../dgram-parser/columns/batch.ts';

/** The datagrams of one batch, without gaps, and the columns that its input filled. */
interface HeldBatch {
  readonly bytes: Buffer;
  readonly columns: readonly Int32Array[];
  readonly origin: Uint8Array;
  readonly nowSec: number;
  readonly nowUsec: number;
}

function columnsOf(batch: Batch): readonly Int32Array[] {
  return [batch.len, batch.flags, batch.peer, batch.credPid, batch.credUid, batch.credGid];
}

export class HeldRows {
  /** Memory in use, including a fixed amount for each row. */
  heldBytes = 0;
  readonly #held: HeldBatch[] = [];

  /** Copies all rows of a batch, which may be refilled afterwards. */
  keep(batch: Batch): void {
    const { count } = batch;
    let total = 0;
    for (let row = 0; row < count; row++) total += batch.len[row]!;
    const bytes = Buffer.allocUnsafe(total);
    let end = 0;
    for (let row = 0; row < count; row++) {
      const begin = slotOff(batch, row);
      end += batch.bytes.copy(bytes, end, begin, begin + batch.len[row]!);
    }
    const columns = columnsOf(batch).map((column) => column.slice(0, count));
    const { nowSec, nowUsec } = batch;
    this.#held.push({ bytes, columns, origin: batch.origin.slice(0, count), nowSec, nowUsec });
    this.heldBytes += memoryOf(bytes.length, count);
  }

  /**
   * Puts the rows of the oldest batch back into a batch.
   *
   * @returns false where none are left
   */
  takeInto(batch: Batch): boolean {
    const next = this.#held.shift();
    if (next === undefined) return false;
    const { bytes, columns, origin } = next;
    const count = origin.length;
    for (const [idx, column] of columnsOf(batch).entries()) column.set(columns[idx] ?? []);
    batch.origin.set(origin);
    let from = 0;
    for (let row = 0; row < count; row++)
      from += bytes.copy(batch.bytes, slotOff(batch, row), from, from + batch.len[row]!);
    batch.count = count;
    batch.nowSec = next.nowSec;
    batch.nowUsec = next.nowUsec;
    this.heldBytes -= memoryOf(bytes.length, count);
    return true;
  }
}

function memoryOf(bytes: number, rows: number): number {
  return bytes + rows * 32;
}
