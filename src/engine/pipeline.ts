/**
 * HOT PATH. The only place that sees both inputs and outputs: parses a batch, finds the destinations of each
 * row, hands the rows over, and flushes each destination once.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { DatagramParser } from '../dgram-parser/parser.ts';
import { compileRoutes } from '../route/compile.ts';
import { match } from '../route/match.ts';
import type { RouteTable } from '../route/route-table.ts';
import { clockSec } from '../sys/process/clock-sec.ts';
import type { Destination } from './outputs/destination.ts';
import type { HostLabels } from './outputs/host-labels.ts';
import { createFormattedRow, type FormattedRow } from './outputs/record-writer.ts';

/** What a reload replaces in one step. Immutable. */
export interface Routing {
  readonly table: RouteTable;
  /** Indexed by the numbers in the table. */
  readonly destinations: readonly Destination[];
}

/** Inputs that can be paused. */
export interface Throttle {
  pause(): void;
  resume(): void;
}

/** Time between two checks whether waiting inputs may resume, in case writing makes no progress at all. */
const RECHECK_MS = 100;

export interface PipelineCounters {
  /** Rows handed over by inputs, and the daemon's own. */
  messages: number;
  /** Rows that claimed a format but did not keep to it. */
  parseFailures: number;
  /** Rows that no rule selected. */
  unrouted: number;
}

export class Pipeline {
  readonly counters: PipelineCounters = { messages: 0, parseFailures: 0, unrouted: 0 };
  readonly #parser: DatagramParser;
  readonly #labels: HostLabels;
  readonly #throttle: Throttle;
  readonly #formatted: FormattedRow = createFormattedRow();
  readonly #touched: Destination[] = [];
  /** {@link clockSec} on arrival of the current batch. */
  #nowSec = 0;
  /** Called once for each batch; null: nobody counts. */
  onActivity: (() => void) | null = null;
  /** Debug output of each row, or null. */
  trace: ((batch: Batch, row: number, destinations: readonly Destination[]) => void) | null = null;
  #routing: Routing;
  #matches: Int32Array;
  #turnWanted = true;
  #paused = false;
  #recheck: NodeJS.Timeout | null = null;

  constructor(parser: DatagramParser, labels: HostLabels, throttle: Throttle) {
    this.#parser = parser;
    this.#labels = labels;
    this.#throttle = throttle;
    this.#routing = { table: compileRoutes([], () => 0, []), destinations: [] };
    this.#matches = new Int32Array(0);
  }

  get routing(): Routing {
    return this.#routing;
  }

  /** Whether the last delivery may have left work to promises or process.nextTick. */
  get turnWanted(): boolean {
    return this.#turnWanted;
  }

  /** From the next row on, messages are routed by `routing`. */
  swap(routing: Routing): void {
    this.#routing = routing;
    this.#matches = new Int32Array(routing.table.outMax);
  }

  /** Takes all rows of a batch; its memory may be reused on return. */
  deliver(batch: Batch): void {
    const { count } = batch;
    this.counters.messages += count;
    this.#nowSec = clockSec();
    this.counters.parseFailures += this.#parser.parse(batch, 0, count);
    for (let row = 0; row < count; row++) this.#deliverRow(batch, row);
    this.#endBatch();
  }

  /** Takes the daemon's own messages. */
  deliverOwn(batch: Batch): void {
    const { count } = batch;
    this.counters.messages += count;
    const nowSec = clockSec();
    this.#parser.parse(batch, 0, count);
    for (let row = 0; row < count; row++) {
      const n = this.#matchRow(batch, row);
      for (let i = 0; i < n; i++) {
        const destination = this.#routing.destinations[this.#matches[i]!];
        if (destination === undefined) continue;
        destination.acceptOwn(batch, row, this.#formatted, nowSec);
        this.#touch(destination);
      }
    }
    this.#endBatch();
  }

  /** Sends one mark to the destinations that select it and have written nothing since `silentSinceSec`. */
  deliverMark(batch: Batch, silentSinceSec: number): void {
    this.#parser.parse(batch, 0, 1);
    this.#labels.locate(batch, 0);
    const { destinations, table } = this.#routing;
    const n = match(table, batch, 0, this.#labels, this.#matches);
    this.#formatted.format = null;
    for (let i = 0; i < n; i++) {
      const destination = destinations[this.#matches[i]!];
      if (destination === undefined || destination.lastWriteSec > silentSinceSec) continue;
      destination.acceptMark(batch, 0, this.#formatted);
      this.#touch(destination);
    }
    this.#endBatch();
  }

  /** @returns where the first row of a batch would go */
  destinationsOf(batch: Batch): readonly Destination[] {
    this.#parser.parse(batch, 0, 1);
    const { destinations, table } = this.#routing;
    const n = match(table, batch, 0, this.#labels, this.#matches);
    return [...this.#matches.subarray(0, n)].flatMap((number) => destinations[number] ?? []);
  }

  /** An output has written something: inputs may resume. */
  progressed(): void {
    if (this.#paused) this.#reconsider();
  }

  /** Nothing more will be delivered. */
  stop(): void {
    if (this.#recheck !== null) clearTimeout(this.#recheck);
    this.#recheck = null;
  }

  #deliverRow(batch: Batch, row: number): void {
    const { destinations } = this.#routing;
    const n = this.#matchRow(batch, row);
    for (let i = 0; i < n; i++) {
      const destination = destinations[this.#matches[i]!];
      if (destination !== undefined) this.#handOver(destination, batch, row);
    }
  }

  /** @returns how many destinations a row has */
  #matchRow(batch: Batch, row: number): number {
    const { destinations, table } = this.#routing;
    this.#labels.locate(batch, row);
    const n = match(table, batch, row, this.#labels, this.#matches);
    if (n === 0) this.counters.unrouted++;
    this.#formatted.format = null;
    if (this.trace !== null) {
      const numbers = [...this.#matches.subarray(0, n)];
      this.trace(
        batch,
        row,
        numbers.flatMap((number) => destinations[number] ?? []),
      );
    }
    return n;
  }

  #handOver(destination: Destination, batch: Batch, row: number): void {
    destination.accept(batch, row, this.#formatted, this.#nowSec);
    this.#touch(destination);
  }

  #touch(destination: Destination): void {
    if (destination.touched) return;
    destination.touched = true;
    this.#touched.push(destination);
  }

  #endBatch(): void {
    const nowMs = performance.now();
    const touched = this.#touched;
    let congested = false;
    let turnWanted = this.trace !== null;
    for (let i = 0; i < touched.length; i++) {
      const destination = touched[i];
      if (destination === undefined) continue;
      destination.endBatch(nowMs);
      if (destination.output.turnless !== true) turnWanted = true;
      if (destination.output.congested(nowMs)) congested = true;
    }
    touched.length = 0;
    this.#turnWanted = turnWanted;
    this.onActivity?.();
    if (congested && !this.#paused) this.#pause();
  }

  #pause(): void {
    this.#paused = true;
    this.#throttle.pause();
    this.#recheck = setTimeout(this.#reconsider, RECHECK_MS);
  }

  readonly #reconsider = (): void => {
    const nowMs = performance.now();
    if (this.#recheck !== null) clearTimeout(this.#recheck);
    this.#recheck = null;
    if (this.#routing.destinations.some((destination) => destination.output.congested(nowMs))) {
      this.#recheck = setTimeout(this.#reconsider, RECHECK_MS);
      return;
    }
    this.#paused = false;
    this.#throttle.resume();
  };
}
