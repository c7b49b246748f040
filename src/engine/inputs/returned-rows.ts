/**
 * Rows that the new process of a restart has received and cannot deliver, since it fails: given back to the old one in
 * a form that can be written as JSON.
 *
 * Records of the kernel's log are left out: the old process reads them again. Senders are given by their address: the
 * numbers of column `peer` belong to a process.
 */
import { appendRow, type Batch, F_CUT, ORIGIN, slotOff } from '../../dgram-parser/columns/batch.ts';
import type { Peers } from '../../input/sender/peers.ts';

export interface ReturnedRow {
  /** Bytes of the datagram as Latin-1. */
  readonly datagram: string;
  readonly cut: boolean;
  /** Address of the sender; null: it came by a log socket. */
  readonly sender: string | null;
  /** Pid, uid and gid of a local sender, as in the columns of the batch. */
  readonly credentials: readonly [pid: number, uid: number, gid: number];
}

export interface ReturnedBatch {
  /** Time of receipt. */
  readonly sec: number;
  readonly usec: number;
  readonly rows: readonly ReturnedRow[];
}

/** Rows of a batch that did not come from the kernel's log. */
export function countReturnable(batch: Batch): number {
  let count = 0;
  for (let row = 0; row < batch.count; row++) if (batch.origin[row] !== ORIGIN.kernel) count++;
  return count;
}

/** The rows of a batch that can be given back. */
export function returnRows(batch: Batch, peers: Pick<Peers, 'describe'>): ReturnedBatch {
  const rows: ReturnedRow[] = [];
  for (let row = 0; row < batch.count; row++) {
    const origin = batch.origin[row]!;
    if (origin === ORIGIN.kernel) continue;
    const begin = slotOff(batch, row);
    rows.push({
      datagram: batch.bytes.toString('latin1', begin, begin + batch.len[row]!),
      cut: (batch.flags[row]! & F_CUT) !== 0,
      sender: origin === ORIGIN.network ? (peers.describe(batch.peer[row]!)?.address ?? '') : null,
      credentials: [batch.credPid[row]!, batch.credUid[row]!, batch.credGid[row]!],
    });
  }
  return { sec: batch.nowSec, usec: batch.nowUsec, rows };
}

/** Fills `batch` with what was given back and calls `filled` as often as it takes; the batch is free afterwards. */
export function takeReturned(
  { sec, usec, rows }: ReturnedBatch,
  batch: Batch,
  peers: Pick<Peers, 'peerOfText'>,
  filled: (batch: Batch) => void,
): void {
  batch.nowSec = sec;
  batch.nowUsec = usec;
  for (let at = 0; at < rows.length; at += batch.rows) {
    batch.count = 0;
    for (const { datagram, cut, sender, credentials } of rows.slice(at, at + batch.rows)) {
      const bytes = Buffer.from(datagram, 'latin1');
      const row = appendRow(batch, bytes, sender === null ? ORIGIN.local : ORIGIN.network);
      if (cut) batch.flags[row] = F_CUT;
      if (sender !== null) batch.peer[row] = peers.peerOfText(sender);
      [batch.credPid[row], batch.credUid[row], batch.credGid[row]] = credentials;
    }
    filled(batch);
  }
  batch.count = 0;
}
