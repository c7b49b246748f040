/**
 * HOT PATH. A socket read with recvmmsg(2): when it is ready, it is read until it is empty or the budget of one turn
 * is used up.
 *
 * Several reads fill one batch before it is delivered: the queue of a Unix socket often holds only ten datagrams
 * (net.unix.max_dgram_qlen), which would make small batches. perf: bench/micro/input/receive
 */
import { CRED_NONE, cutLen, F_CUT, ORIGIN } from '../../../dgram-parser/columns/batch.ts';
import { SEVERITY } from '../../../protocol/priority.ts';
import { errorText } from '../../../sys/call/error-text.ts';
import { ERRNO, SysError } from '../../../sys/call/errors.ts';
import { type Readiness, watchReadableAtOnce } from '../../../sys/call/readiness.ts';
import { RecvBatch } from '../../../sys/socket/recv-batch.ts';
import { closeSocket, dropCount, shutdownReceive } from '../../../sys/socket/sockets.ts';
import { CutWatch } from '../../cut-watch.ts';
import type { InputCounters } from '../../input.ts';
import { LossWatch } from '../../loss-watch.ts';
import { refuseRows } from '../../refuse-rows.ts';
import type { SharedSocket } from '../../shared-socket.ts';
import type { InputContext, Transport } from '../../transport.ts';

/** Rows of one turn, in batches. */
const BUDGET_BATCHES = 4;
/** A read that gave fewer rows is taken as the last: another one would most likely find nothing. */
const READ_AGAIN_ROWS = 4;
/** Most rows read on closing: senders that never stop must not delay the end. */
const CLOSE_ROWS_MAX = 100_000;
/** Pause after an error. */
const ERROR_PAUSE_MS = 1000;

export interface BatchSocketOptions {
  readonly fd: number;
  readonly kind: 'local' | 'network';
  readonly label: string;
  readonly context: InputContext;
  readonly counters: InputCounters;
  readonly paused: boolean;
  /** Other processes continue to use the socket: closing must not shut it down. */
  readonly keptByOthers?: boolean;
}

/** Owns the descriptor. */
export class BatchSocket implements Transport, SharedSocket {
  readonly fd: number;
  readonly #options: BatchSocketOptions;
  readonly #recv: RecvBatch;
  readonly #readiness: Readiness;
  readonly #loss: LossWatch;
  readonly #cuts: CutWatch;
  #state: 'reading' | 'paused' | 'closed' = 'reading';
  #cutCount = 0;
  #errorPause: NodeJS.Timeout | null = null;
  #lastError = 0;

  constructor(options: BatchSocketOptions) {
    const { fd, kind, context, counters, label } = options;
    this.#options = options;
    this.fd = fd;
    this.#recv = new RecvBatch(context.batch, {
      kind,
      origin: kind === 'local' ? ORIGIN.local : ORIGIN.network,
      cutFlag: F_CUT,
      noCredential: CRED_NONE,
      cutLen,
      senders: kind === 'network' ? context.peers : null,
    });
    this.#loss = new LossWatch({
      label,
      cause: 'receive buffer is full',
      report: context.events.report,
      counters,
      readDrops: () => this.#readDrops(),
      settleMs: context.lossSettleMs,
    });
    this.#cuts = new CutWatch({
      kind: kind === 'local' ? 'log socket' : 'udp',
      label,
      limitBytes: context.batch.messageBytes,
      report: context.events.report,
      counters,
      settleMs: context.lossSettleMs,
    });
    this.#readiness = watchReadableAtOnce(fd, () => this.#readable());
    if (options.paused) this.pause();
  }

  get shared(): SharedSocket {
    return this;
  }

  pause(): void {
    if (this.#state !== 'reading') return;
    this.#state = 'paused';
    this.#readiness.pause();
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'reading';
    if (this.#errorPause === null) this.#readiness.resume();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const { fd, kind, keptByOthers } = this.#options;
    if (this.#errorPause !== null) clearTimeout(this.#errorPause);
    this.#readiness.close();
    if (kind === 'local' && keptByOthers !== true) shutdownReceive(fd);
    let rows = 0;
    for (let got = this.#fillAndDeliver(); got > 0 && rows < CLOSE_ROWS_MAX; got = this.#fillAndDeliver()) rows += got;
    this.#loss.close();
    this.#cuts.close();
    closeSocket(fd);
  }

  reportLosses(): number {
    const drops = dropCount(this.fd);
    if (this.#options.kind === 'network') this.#loss.close();
    this.#cuts.close();
    return drops;
  }

  skipLosses(drops: number): void {
    this.#recv.noteDrops(drops);
    this.#loss.skip(this.#recv.dropCount);
  }

  leave(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    if (this.#errorPause !== null) clearTimeout(this.#errorPause);
    this.#readiness.close();
    closeSocket(this.fd);
  }

  /** @returns whether a turn of the event loop is needed */
  #readable(): boolean {
    const { turnWanted } = this.#options.context.events;
    let wanted = turnWanted === undefined;
    let left = BUDGET_BATCHES * this.#options.context.batch.rows;
    while (left > 0 && this.#state === 'reading') {
      const got = this.#fillAndDeliver();
      if (got > 0 && turnWanted?.() === true) wanted = true;
      if (got < READ_AGAIN_ROWS) {
        if (got < 0) this.#failed(got);
        break;
      }
      left -= got;
    }
    return wanted;
  }

  /** @returns rows read, refused ones included; 0 or -errno where there were none */
  #fillAndDeliver(): number {
    const { batch, events, clock, filter } = this.#options.context;
    const { fd, kind, counters } = this.#options;
    const recv = this.#recv;
    batch.count = 0;
    let got = recv.receive(fd, batch.rows);
    if (got <= 0) return got === ERRNO.EAGAIN ? 0 : got;
    while (got >= READ_AGAIN_ROWS && batch.count < batch.rows) got = recv.receive(fd, batch.rows);
    const rows = batch.count;
    counters.received += rows;
    if (recv.cutCount !== this.#cutCount) this.#cuts.add(recv.cutCount - this.#cutCount);
    this.#cutCount = recv.cutCount;
    if (kind === 'network') {
      this.#loss.touch();
      this.#loss.note(recv.dropCount);
      if (filter !== null) refuseRows(batch, recv.ports, filter, counters);
    }
    if (batch.count === 0) return rows;
    clock.stamp(batch);
    events.deliver(batch);
    return rows;
  }

  #readDrops(): number {
    this.#recv.noteDrops(dropCount(this.#options.fd));
    return this.#recv.dropCount;
  }

  /** No lasting error is known; if there is one, it must neither use all the CPU nor flood the log. */
  #failed(errno: number): void {
    if (errno !== this.#lastError) {
      const text = errorText(new SysError('recvmmsg', errno));
      this.#options.context.events.report(SEVERITY.err, `cannot read from ${this.#options.label}: ${text}`);
    }
    this.#lastError = errno;
    this.#readiness.pause();
    this.#errorPause = setTimeout(() => {
      this.#errorPause = null;
      if (this.#state === 'reading') this.#readiness.resume();
    }, ERROR_PAUSE_MS).unref();
  }
}
