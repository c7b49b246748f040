/**
 * The open file at a path: opens it, notices that the path names something else, rotates it, syncs it, closes it. Knows
 * nothing of records.
 */
import type { Chunk } from '../../queue/chunk-pool.ts';
import type { OutputServices } from '../services.ts';
import { FileRotation, type RotationRule } from '../rotation/rotating-file.ts';
import { type FileOwner, OwnerSetter } from '../target/file-owner.ts';
import { type MadeFile, removeMade } from '../target/made-file.ts';
import { isStillAt, type OpenTarget, openTarget } from '../target/open-target.ts';
import { PathGuard } from '../target/path-guard.ts';
import { closeWhenSynced, DataSync } from './data-sync.ts';
import { Exile } from './exile.ts';
import { SyncHealth } from './sync-health.ts';

export interface LineOutputOptions {
  readonly path: string;
  /** fdatasync(2) within a second of each write. */
  readonly sync: boolean;
  /** Permission bits for a new file. */
  readonly mode: number;
  /** Owner for a new file. */
  readonly owner: FileOwner;
  /** Null: never rotated by the daemon. */
  readonly rotation: RotationRule | null;
}

export interface OpenPathEvents {
  /** The path should be checked. */
  readonly moved: () => void;
  /** {@link OpenPath.rotationWanted} may have become true. */
  readonly rotationDue: () => void;
}

export class OpenPath {
  readonly #options: LineOutputOptions;
  readonly #label: string;
  readonly #services: OutputServices;
  readonly #syncHealth: SyncHealth;
  readonly #ownerSetter: OwnerSetter;
  readonly #exile: Exile;
  readonly #guard: PathGuard;
  readonly #rotation: FileRotation | null;
  #target: OpenTarget | null = null;
  #sync: DataSync | null = null;
  /** It was opened in vain: a file created by opening is removed again. */
  #abandoned = false;

  constructor(options: LineOutputOptions, label: string, services: OutputServices, events: OpenPathEvents) {
    const { report, watcher } = services;
    this.#options = options;
    this.#label = label;
    this.#services = services;
    this.#syncHealth = new SyncHealth(label, report);
    this.#ownerSetter = new OwnerSetter(options.owner, label, report);
    this.#exile = new Exile(label, report, events.moved);
    this.#guard = new PathGuard(options.path, watcher, events.moved);
    this.#rotation = options.rotation === null ? null : this.#createRotation(options.rotation, events);
  }

  /** What is open; null: nothing. */
  get target(): OpenTarget | null {
    return this.#target;
  }

  get identity(): string | null {
    const target = this.#target;
    return target === null ? null : `${target.dev}:${target.ino}`;
  }

  get rotates(): boolean {
    return this.#rotation !== null;
  }

  /** Rotate as soon as no write is in progress. */
  get rotationWanted(): boolean {
    return this.#target !== null && this.#rotation?.wanted === true;
  }

  requestRotation(): void {
    this.#rotation?.request();
  }

  /** Opens the path without adopting it yet. */
  async open(): Promise<OpenTarget> {
    const { path, mode } = this.#options;
    const { opens, rotations } = this.#services;
    const { held } = rotations;
    const made = this.#ownerSetter.give;
    const isHeld = (dev: number, ino: number): boolean => held.isHeld(dev, ino);
    const open = (): Promise<OpenTarget> => openTarget(path, mode, { made, isHeld });
    return held.track(await opens.run(() => this.#rotation?.open(open) ?? open()));
  }

  /** Opens the path again if it no longer names the open file. @returns null: it still does */
  async openIfMoved(): Promise<OpenTarget | null> {
    const current = this.#target;
    return current !== null && (await isStillAt(this.#options.path, current)) ? null : await this.open();
  }

  /** The path could not be opened. @returns whether to keep using the open file */
  keepsOpen(error: unknown): Promise<boolean> {
    return this.#exile.begins(this.#target, error);
  }

  /** `target` replaces the open file. */
  adopt(target: OpenTarget): void {
    const { sync } = this.#options;
    this.#exile.ends();
    void closeWhenSynced(this.#target, this.#sync);
    this.#target = target;
    const isSynced = sync && target.kind === 'regular';
    this.#sync = isSynced ? new DataSync(target.fd, this.#services.gate, this.#syncHealth.note) : null;
    this.#guard.guard(target);
  }

  /** `target` was opened too late. */
  async discard(target: OpenTarget): Promise<void> {
    this.#rotation?.close();
    const made = this.#madeBy(target);
    await target.close();
    if (made !== null && this.#abandoned) await removeMade(made, this.#services.rotations.held);
  }

  /** Replaces the open file with a new one. @returns what to adopt; null: nothing */
  async rotate(): Promise<OpenTarget | null> {
    if (this.#rotation === null || this.#target === null) return null;
    const next = await this.#rotation.rotate(this.#target);
    return next === null ? null : this.#services.rotations.held.track(next);
  }

  /** HOT PATH. As {@link FileRotation.writeEnd}. */
  writeEnd(head: Chunk, tornBytes: number): number {
    return this.#rotation === null ? head.end : this.#rotation.writeEnd(head, tornBytes);
  }

  /** HOT PATH. `bytes` bytes were written. */
  wrote(bytes: number, nowMs: number): void {
    this.#rotation?.wrote(bytes);
    this.#sync?.touch();
    this.#guard.wrote(nowMs);
  }

  /** `bytes` bytes were cut off the end of the file. */
  tookBack(bytes: number): void {
    this.#rotation?.wrote(-bytes);
  }

  /** Looks up the size of the file: another program has written to it. */
  async measure(): Promise<void> {
    await this.#rotation?.measure();
  }

  /** The path is no longer watched. */
  unwatch(): void {
    this.#guard.close();
    this.#exile.close();
  }

  /** The output is closed; {@link release} closes the open file. */
  close(): void {
    this.#rotation?.close();
    this.#syncHealth.close();
  }

  /** Closes the open file once it is synced. */
  async release(): Promise<void> {
    const target = this.#target;
    const sync = this.#sync;
    this.#target = null;
    this.#sync = null;
    this.#guard.guard(null);
    await closeWhenSynced(target, sync);
  }

  /** It was opened in vain. @returns the file created by that */
  abandon(): MadeFile | null {
    this.#abandoned = true;
    return this.#target === null ? null : this.#madeBy(this.#target);
  }

  #madeBy({ made, dev, ino }: OpenTarget): MadeFile | null {
    return made ? { path: this.#options.path, dev, ino } : null;
  }

  #createRotation(rule: RotationRule, { moved, rotationDue }: OpenPathEvents): FileRotation {
    const { report, rotations } = this.#services;
    const { complain } = this.#ownerSetter;
    const options = { path: this.#options.path, label: this.#label, rule, report, complain };
    return new FileRotation(options, rotations, { due: rotationDue, moved: this.#guard.hint, replaced: moved });
  }
}
