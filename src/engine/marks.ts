/**
 * `-- MARK --`: shows that the daemon is alive, in every destination that selects marks and has been silent.
 */
import { clockSec } from '../sys/process/clock-sec.ts';
import type { Pipeline } from './pipeline.ts';
import type { SelfLog } from './self-log.ts';

const SEC_PER_MINUTE = 60;
/** Longest delay of a timer. */
const SLEEP_MAX_MS = 0x7fff_ffff;

export class Marks {
  readonly #pipeline: Pipeline;
  readonly #selfLog: SelfLog;
  readonly #intervalSec: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param minutes of silence before a mark; 0: no marks */
  constructor(pipeline: Pipeline, selfLog: SelfLog, minutes: number) {
    this.#pipeline = pipeline;
    this.#selfLog = selfLog;
    this.#intervalSec = minutes * SEC_PER_MINUTE;
  }

  start(): void {
    if (this.#intervalSec > 0) this.#arm(this.#intervalSec);
  }

  /** Marks all destinations that select marks, silent or not. */
  markAll(): void {
    this.#pipeline.deliverMark(this.#selfLog.mark(), Number.POSITIVE_INFINITY);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Marks destinations that have been silent long enough, then sleeps until the next mark may be due. */
  readonly #onTimer = (): void => {
    const now = clockSec();
    this.#pipeline.deliverMark(this.#selfLog.mark(), now - this.#intervalSec);
    const last = this.#pipeline.routing.destinations.map((destination) => destination.lastWriteSec);
    const firstDue = Math.min(now, ...last.filter((sec) => sec > now - this.#intervalSec)) + this.#intervalSec;
    this.#arm(Math.max(1, firstDue - now));
  };

  #arm(delaySec: number): void {
    this.#timer = setTimeout(this.#onTimer, Math.min(delaySec * 1000, SLEEP_MAX_MS));
  }
}
