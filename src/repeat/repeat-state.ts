/**
 * HOT PATH. What one destination knows of the last message it wrote, and how often that was repeated.
 *
 * Equal means equal priority, host, tag, pid and text; the time does not matter. The row is referred to in its batch;
 * only the one that is still last at the end of a batch is copied.
 */
import { Batch, F_MSG_HOST, F_RFC5424 } from '../dgram-parser/columns/batch.ts';
import { copyRow } from '../dgram-parser/columns/row-copy.ts';

/** Seconds between lines about the same message. COMPAT(syslogd): 30, 120, then every 600. */
const INTERVALS_SEC: readonly number[] = [30, 120, 600];

/** Smallest slot of a copy, bytes: most messages fit, and each of hundreds of destinations has one. */
const KEPT_MIN_BYTES = 256;

const IDENTITY_FLAGS = F_RFC5424 | F_MSG_HOST;

function sameBytes(a: Uint8Array, aEnd: number, b: Uint8Array, bEnd: number, len: number): boolean {
  // Backwards: messages of one program differ late, if at all.
  for (let i = 1; i <= len; i++) if (a[aEnd - i] !== b[bEnd - i]) return false;
  return true;
}

/** Whether two rows are the same message but for their time. */
export function sameMessage(a: Batch, aRow: number, b: Batch, bRow: number): boolean {
  const aEnd = a.endOff[aRow]!;
  const bEnd = b.endOff[bRow]!;
  const len = aEnd - a.bodyOff[aRow]!;
  if (len !== bEnd - b.bodyOff[bRow]! || a.pri[aRow] !== b.pri[bRow]) return false;
  if (a.peer[aRow] !== b.peer[bRow] || a.origin[aRow] !== b.origin[bRow]) return false;
  const flags = a.flags[aRow]! & IDENTITY_FLAGS;
  if (flags !== (b.flags[bRow]! & IDENTITY_FLAGS)) return false;
  if (!sameBytes(a.bytes, aEnd, b.bytes, bEnd, len)) return false;
  if ((flags & F_MSG_HOST) === 0) return true;
  const hostLen = a.hostLen[aRow]!;
  if (hostLen !== b.hostLen[bRow]) return false;
  return sameBytes(a.bytes, a.hostOff[aRow]! + hostLen, b.bytes, b.hostOff[bRow]! + hostLen, hostLen);
}

export class RepeatState {
  /** Where the last message is: the current batch, or {@link RepeatState.#kept}. Null: none was written yet. */
  batch: Batch | null = null;
  row = 0;
  /** Repetitions not yet reported in a line. */
  pending = 0;
  /** Time of the latest repetition. */
  timeSec = 0;
  timeUsec = 0;
  timeOffsetMin = 0;
  /** When the last line about this message was written, seconds of a clock that nobody can set. */
  #lineSec = 0;
  #intervalIdx = 0;
  readonly #messageBytes: number;
  #kept: Batch | null = null;

  constructor(messageBytes: number) {
    this.#messageBytes = messageBytes;
  }

  /** Whether this row repeats the last message; if so, counts it. */
  count(batch: Batch, row: number): boolean {
    if (this.batch === null || !sameMessage(batch, row, this.batch, this.row)) return false;
    this.pending++;
    this.timeSec = batch.timeSec[row]!;
    this.timeUsec = batch.timeUsec[row]!;
    this.timeOffsetMin = batch.timeOffsetMin[row]!;
    return true;
  }

  /** Second of that clock at which the pending repetitions are due. */
  dueSec(): number {
    return this.#lineSec + INTERVALS_SEC[this.#intervalIdx]!;
  }

  /** The pending repetitions were reported because they were due. */
  told(nowSec: number): void {
    this.pending = 0;
    this.#lineSec = nowSec;
    this.#intervalIdx = Math.min(this.#intervalIdx + 1, INTERVALS_SEC.length - 1);
  }

  /** This row was written and is now the last message. */
  remember(batch: Batch, row: number, nowSec: number): void {
    this.batch = batch;
    this.row = row;
    this.pending = 0;
    this.#lineSec = nowSec;
    this.#intervalIdx = 0;
  }

  /** The last message could not be written: nothing can repeat it. */
  forget(): void {
    this.batch = null;
    this.pending = 0;
  }

  /** The batch is about to be refilled: copies the last message if it is in there. */
  keep(): void {
    if (this.batch === null || this.batch === this.#kept) return;
    const kept = this.#roomFor(this.batch.len[this.row]!);
    copyRow(this.batch, this.row, kept, 0);
    this.batch = kept;
    this.row = 0;
  }

  /** Grows by doubling, up to the longest message. */
  #roomFor(bytes: number): Batch {
    if (this.#kept !== null && this.#kept.messageBytes >= bytes) return this.#kept;
    const size = Math.max(KEPT_MIN_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    this.#kept = new Batch(1, Math.max(bytes, Math.min(size, this.#messageBytes)));
    return this.#kept;
  }
}
