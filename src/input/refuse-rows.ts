/**
 * HOT PATH, where an allow-list is set. Removes from a batch the rows whose sender is not allowed.
 */
import { type Batch, slotOff } from '../dgram-parser/columns/batch.ts';
import type { InputCounters } from './input.ts';
import type { PeerFilter } from './transport.ts';

/**
 * Shape: reads peer and `ports`; moves len, flags, origin, peer, credentials and slots of later rows up; sets count
 *
 * @returns how many rows were taken out
 */
export function refuseRows(batch: Batch, ports: Uint16Array, filter: PeerFilter, counters: InputCounters): number {
  const { bytes } = batch;
  let kept = 0;
  for (let row = 0; row < batch.count; row++) {
    const len = batch.len[row]!;
    if (!filter.accepts(batch.peer[row]!, ports[row]!, bytes, slotOff(batch, row), len, counters)) continue;
    if (kept !== row) moveRow(batch, row, kept);
    kept++;
  }
  const refused = batch.count - kept;
  batch.count = kept;
  return refused;
}

/** Everything of a row that an input fills. */
export function moveRow(batch: Batch, from: number, to: number): void {
  const len = batch.len[from]!;
  batch.bytes.copyWithin(slotOff(batch, to), slotOff(batch, from), slotOff(batch, from) + len);
  batch.len[to] = len;
  batch.flags[to] = batch.flags[from]!;
  batch.origin[to] = batch.origin[from]!;
  batch.peer[to] = batch.peer[from]!;
  batch.credPid[to] = batch.credPid[from]!;
  batch.credUid[to] = batch.credUid[from]!;
  batch.credGid[to] = batch.credGid[from]!;
}
