/**
 * Gathers the datagrams of a portable receiver, which come one in each callback, and delivers them together after the
 * poll phase of the event loop.
 *
 * Neither unix-dgram nor node:dgram can stop reading. While the input is paused, this queue takes a limited number of
 * bytes; what arrives beyond that is dropped and counted.
 */
import { appendRow, type Origin } from '../../../dgram-parser/columns/batch.ts';
import type { InputCounters } from '../../input.ts';
import type { CutWatch } from '../../cut-watch.ts';
import type { InputContext } from '../../transport.ts';

/** Most that waits while paused, including a fixed amount for each datagram. */
const QUEUE_MAX_BYTES = 8 * 1024 * 1024;
const DATAGRAM_OVERHEAD_BYTES = 128;
/** Most batches in one turn. */
const BUDGET_BATCHES = 4;

interface Waiting {
  readonly datagram: Buffer;
  readonly peer: number;
}

export interface PortableQueueOptions {
  readonly origin: Origin;
  readonly context: InputContext;
  readonly counters: InputCounters;
  readonly cuts: CutWatch;
  readonly paused: boolean;
  /** Reads what the kernel holds into free rows; returns the number of rows. Null: not possible. */
  readonly drain: (() => number) | null;
  /** The number of datagrams dropped here has changed. */
  readonly dropped: () => void;
}

export class PortableQueue {
  /** All datagrams dropped here. */
  dropCount = 0;
  readonly #options: PortableQueueOptions;
  #waiting: Waiting[] = [];
  /** How many of `#waiting` are already in a batch. */
  #taken = 0;
  #waitingBytes = 0;
  /** Too long, and not yet passed to `cuts`, whose report may run any code of the daemon. */
  #cut = 0;
  #state: 'open' | 'paused' | 'closed';
  #asked = false;
  readonly #onImmediate = (): void => this.#run();

  constructor(options: PortableQueueOptions) {
    this.#options = options;
    this.#state = options.paused ? 'paused' : 'open';
  }

  /** Takes one datagram. Never throws: nothing above its caller would catch that. */
  push(datagram: Buffer, peer: number): void {
    const bytes = datagram.length + DATAGRAM_OVERHEAD_BYTES;
    if (this.#state !== 'open' && this.#waitingBytes + bytes > QUEUE_MAX_BYTES) {
      this.dropCount++;
      // The report may run any code of the daemon.
      if (this.dropCount === 1 || !this.#asked) this.#ask();
      return;
    }
    if (datagram.length > this.#options.context.batch.messageBytes) this.#cut++;
    this.#waitingBytes += bytes;
    this.#waiting.push({ datagram, peer });
    this.#ask();
  }

  pause(): void {
    if (this.#state === 'open') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'open';
    this.#ask();
  }

  /** Delivers everything that waits, and what `drain` still finds. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    while (this.#fillAndDeliver() > 0);
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    setImmediate(this.#onImmediate);
  }

  #run(): void {
    this.#asked = false;
    if (this.#state === 'closed') return;
    this.#options.dropped();
    for (let turn = 0; turn < BUDGET_BATCHES; turn++) {
      if (this.#state !== 'open') return;
      if (this.#fillAndDeliver() < this.#options.context.batch.rows) return;
    }
    this.#ask();
  }

  /** @returns rows */
  #fillAndDeliver(): number {
    const { origin, context, counters, cuts, drain } = this.#options;
    const { batch, events, clock } = context;
    cuts.add(this.#cut);
    this.#cut = 0;
    batch.count = 0;
    while (this.#taken < this.#waiting.length && batch.count < batch.rows) this.#takeNext(origin);
    if (this.#taken === this.#waiting.length) {
      this.#waiting = [];
      this.#taken = 0;
      if (drain !== null && batch.count < batch.rows) drain();
    }
    const rows = batch.count;
    if (rows === 0) return 0;
    counters.received += rows;
    clock.stamp(batch);
    events.deliver(batch);
    return rows;
  }

  #takeNext(origin: Origin): void {
    const next = this.#waiting[this.#taken];
    this.#taken++;
    if (next === undefined) return;
    this.#waitingBytes -= next.datagram.length + DATAGRAM_OVERHEAD_BYTES;
    const { batch } = this.#options.context;
    const row = appendRow(batch, next.datagram, origin);
    batch.peer[row] = next.peer;
  }
}
