/**
 * Brings writes to a file to disk within a second: one fdatasync(2) covers all writes before it, and no write waits for
 * it.
 */
import { fdatasync } from 'node:fs';
import type { OpenTarget } from '../target/open-target.ts';
import type { ThreadGate } from '../thread-gate.ts';

/** From the first unsynced write to the call. Half of the promised second is left for the disk. */
const DELAY_MS = 500;

export class DataSync {
  readonly #fd: number;
  readonly #gate: ThreadGate;
  readonly #done: (error: Error | null) => void;
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  #dirty = false;
  #idle: (() => void) | null = null;

  constructor(fd: number, gate: ThreadGate, done: (error: Error | null) => void) {
    this.#fd = fd;
    this.#gate = gate;
    this.#done = done;
  }

  /** Something was written. */
  touch(): void {
    this.#dirty = true;
    if (this.#timer === null && !this.#running) this.#timer = setTimeout(() => this.#run(), DELAY_MS);
  }

  /** Syncs unsynced data at once. Resolves when the descriptor may be closed. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      if (this.#running) return;
      if (this.#timer !== null) clearTimeout(this.#timer);
      if (this.#dirty) this.#run();
      else resolve();
    });
  }

  #run(): void {
    this.#timer = null;
    this.#running = true;
    this.#gate.enter(() => {
      this.#dirty = false;
      fdatasync(this.#fd, (error) => {
        this.#running = false;
        this.#gate.leave();
        this.#done(error);
        if (this.#idle === null) {
          if (this.#dirty) this.touch();
        } else if (this.#dirty && error === null) this.#run();
        else this.#idle();
      });
    });
  }
}

/** The descriptor must stay open during fdatasync(2). */
export async function closeWhenSynced(target: OpenTarget | null, sync: DataSync | null): Promise<void> {
  if (sync !== null) await sync.finish();
  if (target !== null) await target.close();
}
