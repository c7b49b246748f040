/**
 * The line that replaces repetitions: `last message repeated N times`, with the priority and host of the message,
 * without a tag.
 */
import { Batch, CRED_NONE, F_CLEAN, F_MSG_HOST, F_MSG_TIME, slotOff } from '../dgram-parser/columns/batch.ts';
import { HOST_MAX_BYTES } from '../protocol/limits.ts';
import type { RepeatState } from './repeat-state.ts';

const TEXT_MAX_BYTES = 64;

/** A batch for {@link fillSummary}. */
export function createSummaryBatch(): Batch {
  return new Batch(1, HOST_MAX_BYTES + TEXT_MAX_BYTES);
}

/** Makes row 0 of `summary` say how often the last message of `state` was repeated. */
export function fillSummary(summary: Batch, state: RepeatState): void {
  const { batch, row } = state;
  if (batch === null) return;
  const begin = slotOff(summary, 0);
  const hostLen = Math.min(batch.hostLen[row]!, HOST_MAX_BYTES);
  batch.bytes.copy(summary.bytes, begin, batch.hostOff[row], batch.hostOff[row]! + hostLen);
  const textOff = begin + hostLen;
  const textLen = summary.bytes.write(`last message repeated ${state.pending} times`, textOff, 'latin1');
  summary.count = 1;
  summary.len[0] = hostLen + textLen;
  summary.origin[0] = batch.origin[row]!;
  summary.peer[0] = batch.peer[row]!;
  summary.pri[0] = batch.pri[row]!;
  summary.flags[0] = F_CLEAN | F_MSG_TIME | (batch.flags[row]! & F_MSG_HOST);
  summary.credPid[0] = CRED_NONE;
  summary.credUid[0] = CRED_NONE;
  summary.credGid[0] = CRED_NONE;
  summary.timeSec[0] = state.timeSec;
  summary.timeUsec[0] = state.timeUsec;
  summary.timeOffsetMin[0] = state.timeOffsetMin;
  summary.hostOff[0] = begin;
  summary.hostLen[0] = hostLen;
  for (const off of [summary.tagOff, summary.pidOff, summary.msgIdOff, summary.sdOff]) off[0] = textOff;
  for (const len of [summary.tagLen, summary.pidLen, summary.msgIdLen, summary.sdLen]) len[0] = 0;
  summary.bodyOff[0] = textOff;
  summary.textOff[0] = textOff;
  summary.endOff[0] = textOff + textLen;
}
