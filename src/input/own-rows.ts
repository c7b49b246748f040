/**
 * HOT PATH, where standard error leads to the journal. What the daemon reports goes to its own outputs and to the
 * journal; where that forwards to the daemon, each report would come back and be logged twice. The journal forwards
 * with the credentials of the sender, so the pid identifies these rows.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import { moveRow } from './refuse-rows.ts';

/** How long the process that this one took over from may still report; its pid is not reused that soon. */
const PREDECESSOR_MS = 10_000;

/**
 * @param deliver gets what others have sent
 * @param predecessor pid of the process that this one took over from; null: there is none
 * @param nowMs a monotonic clock
 */
export function withoutOwnRows(
  deliver: (batch: Batch) => void,
  predecessor: number | null,
  nowMs: () => number = () => performance.now(),
): (batch: Batch) => void {
  const { pid } = process;
  const predecessorUntilMs = nowMs() + PREDECESSOR_MS;
  return (batch) => {
    takeOutRows(batch, pid, nowMs() < predecessorUntilMs ? (predecessor ?? pid) : pid);
    if (batch.count > 0) deliver(batch);
  };
}

/** Shape: reads credPid; moves later rows up; sets count */
function takeOutRows(batch: Batch, pid: number, otherPid: number): void {
  let kept = 0;
  for (let row = 0; row < batch.count; row++) {
    const sender = batch.credPid[row]!;
    if (sender === pid || sender === otherPid) continue;
    if (kept !== row) moveRow(batch, row, kept);
    kept++;
  }
  batch.count = kept;
}
