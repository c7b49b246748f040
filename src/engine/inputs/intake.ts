/**
 * Decides whether the inputs are read, and whether the rows that they receive go to the pipeline or are held.
 *
 * During a restart two processes have the same sockets: the old one stops reading, and the new one reads at once but
 * holds its rows until the old one has written everything. Nothing is read while there is a reason to wait;
 * {@link EFFECTS} says which event adds and removes which reason.
 *
 * | rows are   | until                                                     |
 * | ---------- | --------------------------------------------------------- |
 * | `passed`   | `readAhead`: then held                                    |
 * | `held`     | `deliverHeld`: then released                              |
 * | `released` | all are delivered, as the outputs allow: then passed on   |
 */
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import type { Input } from '../../input/input.ts';
import type { Pipeline, Throttle } from '../pipeline.ts';
import type { Peers } from '../../input/sender/peers.ts';
import { HeldRows } from './held-rows.ts';
import { countReturnable, returnRows, type ReturnedBatch, takeReturned } from './returned-rows.ts';

/** Most bytes held before the inputs have to wait. */
const HELD_MAX_BYTES = 32 * 1024 * 1024;

/** Why nothing is read: not started, outputs are behind, another process reads, too much is held. */
export type WaitReason = 'start' | 'outputs' | 'handed over' | 'held';

type WaitEvent = 'outputs full' | 'outputs ready' | 'stopped' | 'taken back' | 'too much held' | 'all delivered';

interface Effect {
  readonly begins: readonly WaitReason[];
  readonly ends: readonly WaitReason[];
}

const EFFECTS: Readonly<Record<WaitEvent, Effect>> = {
  'outputs full': { begins: ['outputs'], ends: [] },
  'outputs ready': { begins: [], ends: ['start', 'outputs'] },
  stopped: { begins: ['handed over'], ends: [] },
  'taken back': { begins: [], ends: ['handed over'] },
  'too much held': { begins: ['held'], ends: [] },
  'all delivered': { begins: [], ends: ['held'] },
};

export interface IntakeHooks {
  /** All inputs. */
  readonly inputs: () => readonly Pick<Input, 'pause' | 'resume'>[];
  /** All held rows are delivered: this process is the only one now. */
  readonly released: () => void;
}

export class Intake implements Throttle {
  readonly #hooks: IntakeHooks;
  readonly #reasons = new Set<WaitReason>(['start']);
  #rows: 'passed' | 'held' | 'released' = 'passed';
  #held = new HeldRows();
  /** Held rows are put back into it. */
  #batch: Batch | null = null;
  #pipeline: Pick<Pipeline, 'deliver'> | null = null;
  #peers: Peers | null = null;
  /** Rows received ahead that would be given back, and who is told of each change. */
  #aheadCount = 0;
  #onAhead: (messages: number) => void = () => undefined;

  constructor(hooks: IntakeHooks) {
    this.#hooks = hooks;
  }

  /** Call before anything is received. @param batch the one that the inputs fill */
  connect(batch: Batch, pipeline: Pick<Pipeline, 'deliver'>, peers: Peers): void {
    this.#batch = batch;
    this.#pipeline = pipeline;
    this.#peers = peers;
  }

  get reasons(): ReadonlySet<WaitReason> {
    return this.#reasons;
  }

  /** HOT PATH, once for each batch. */
  readonly deliver = (batch: Batch): void => {
    if (this.#rows === 'passed') {
      this.#pipeline?.deliver(batch);
      return;
    }
    this.#held.keep(batch);
    if (this.#rows === 'held') {
      this.#aheadCount += countReturnable(batch);
      this.#onAhead(this.#aheadCount);
    }
    if (this.#held.heldBytes > HELD_MAX_BYTES) this.#wait('too much held');
  };

  /** Outputs are behind. */
  pause(): void {
    this.#wait('outputs full');
  }

  /** Outputs are ready; the first time, this starts reading. */
  resume(): void {
    this.#end('outputs ready');
    if (this.#rows === 'released') this.#release();
    else this.#goOnIfAllowed();
  }

  /** Another process reads from now on. Rows that are being released go to the outputs first. */
  stop(): void {
    this.#wait('stopped');
    if (this.#rows === 'released') this.#deliverAll();
  }

  /** The other process is gone: what it had received comes first. */
  takeBack(returned: readonly ReturnedBatch[]): void {
    this.#end('taken back');
    const [batch, peers] = [this.#batch, this.#peers];
    if (batch === null || peers === null || returned.length === 0) {
      this.#goOnIfAllowed();
      return;
    }
    for (const rows of returned) takeReturned(rows, batch, peers, (filled) => this.#held.keep(filled));
    this.deliverHeld();
  }

  /**
   * Reads from now on, and holds the rows until {@link deliverHeld}.
   *
   * @param onAhead called with the number of messages that {@link giveBack} would return, whenever it grows
   */
  readAhead(onAhead: (messages: number) => void): void {
    this.#onAhead = onAhead;
    this.#rows = 'held';
    this.resume();
  }

  /** The rows that were received ahead, for the other process, which goes on. None is held afterwards. */
  giveBack(): readonly ReturnedBatch[] {
    const returned: ReturnedBatch[] = [];
    const [batch, peers] = [this.#batch, this.#peers];
    if (batch === null || peers === null) return returned;
    while (this.#held.takeInto(batch)) returned.push(returnRows(batch, peers));
    batch.count = 0;
    return returned;
  }

  /** The other process has written everything. */
  deliverHeld(): void {
    this.#rows = 'released';
    this.#release();
  }

  /** The inputs are about to close: delivers the held rows before those that closing still reads. */
  finish(): void {
    this.#deliverAll();
    this.#rows = 'passed';
  }

  /** Drops the held rows: the inputs have ended. */
  forget(): void {
    this.#held = new HeldRows();
    this.#rows = 'passed';
  }

  #release(): void {
    while (!this.#reasons.has('outputs') && this.#deliverOldest());
    // The outputs say when to go on.
    if (this.#reasons.has('outputs')) return;
    this.#rows = 'passed';
    this.#hooks.released();
    this.#end('all delivered');
    this.#goOnIfAllowed();
  }

  #deliverAll(): void {
    while (this.#deliverOldest());
  }

  /** @returns whether there was something held */
  #deliverOldest(): boolean {
    const batch = this.#batch;
    if (batch === null || !this.#held.takeInto(batch)) return false;
    this.#pipeline?.deliver(batch);
    return true;
  }

  #wait(event: WaitEvent): void {
    for (const reason of EFFECTS[event].begins) this.#reasons.add(reason);
    for (const input of this.#hooks.inputs()) input.pause();
  }

  #end(event: WaitEvent): void {
    for (const reason of EFFECTS[event].ends) this.#reasons.delete(reason);
  }

  #goOnIfAllowed(): void {
    if (this.#reasons.size > 0) return;
    for (const input of this.#hooks.inputs()) input.resume();
  }
}
