/**
 * Copies one parsed row to another batch, datagram and columns, so that it outlives its batch.
 */
import { type Batch, slotOff } from './batch.ts';
import { copyWords } from './byte-block.ts';

/**
 * HOT PATH. Written out column by column: looking up columns by name costs ten times as much. Slots of `to` must be at
 * least as large.
 */
export function copyRow(from: Batch, row: number, to: Batch, toRow: number): void {
  const begin = slotOff(from, row);
  const toBegin = slotOff(to, toRow);
  const shift = toBegin - begin;
  copyWords(from.view, begin, begin + from.len[row]!, to.view, toBegin);
  to.len[toRow] = from.len[row]!;
  to.origin[toRow] = from.origin[row]!;
  to.flags[toRow] = from.flags[row]!;
  to.pri[toRow] = from.pri[row]!;
  to.peer[toRow] = from.peer[row]!;
  to.credPid[toRow] = from.credPid[row]!;
  to.credUid[toRow] = from.credUid[row]!;
  to.credGid[toRow] = from.credGid[row]!;
  to.timeSec[toRow] = from.timeSec[row]!;
  to.timeUsec[toRow] = from.timeUsec[row]!;
  to.timeOffsetMin[toRow] = from.timeOffsetMin[row]!;
  // Offsets with length 0 move too: they stay inside the slot.
  to.hostOff[toRow] = from.hostOff[row]! + shift;
  to.hostLen[toRow] = from.hostLen[row]!;
  to.tagOff[toRow] = from.tagOff[row]! + shift;
  to.tagLen[toRow] = from.tagLen[row]!;
  to.pidOff[toRow] = from.pidOff[row]! + shift;
  to.pidLen[toRow] = from.pidLen[row]!;
  to.msgIdOff[toRow] = from.msgIdOff[row]! + shift;
  to.msgIdLen[toRow] = from.msgIdLen[row]!;
  to.sdOff[toRow] = from.sdOff[row]! + shift;
  to.sdLen[toRow] = from.sdLen[row]!;
  to.bodyOff[toRow] = from.bodyOff[row]! + shift;
  to.textOff[toRow] = from.textOff[row]! + shift;
  to.endOff[toRow] = from.endOff[row]! + shift;
}
