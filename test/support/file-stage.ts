/**
 * One file output on a disk that does what a test wants: holds back, fails or fills up, with slow opens and rotations,
 * and with an account of every record that was sent.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  statSync,
  write,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { FileSeams } from '../../src/output/file/file-work.ts';
import { LineOutput } from '../../src/output/file/line-output.ts';
import type { WriteCall, WriteDone } from '../../src/output/file/line-writer.ts';
import { resolvePlace } from '../../src/output/rotation/disk.ts';
import { ThreadGate } from '../../src/output/thread-gate.ts';
import { cleanUp, TestDaemon } from './daemon.ts';
import { inMs, type OutputRig, outputRig } from './output-rig.ts';
import { until } from './until.ts';

type DiskMode = 'works' | 'holds' | 'ENOSPC' | 'EIO';

/** A disk that fills up, fails, or holds back its writes until told to continue. */
class Disk {
  mode: DiskMode = 'works';
  readonly #held: (() => void)[] = [];
  /** A full disk first takes half of a write. */
  #isFull = false;
  #busyCount = 0;

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  get isIdle(): boolean {
    return this.#busyCount === 0 && !this.isHolding;
  }

  readonly write: WriteCall = (fd, bytes, begin, length, position, done) => {
    if (this.mode === 'holds') {
      this.#held.push(() => this.write(fd, bytes, begin, length, position, done));
      return;
    }
    this.#busyCount++;
    const ended: WriteDone = (error, written) => {
      this.#busyCount--;
      done(error, written);
    };
    if (this.mode === 'works') {
      this.#isFull = false;
      write(fd, bytes, begin, length, position, ended);
    } else if (this.mode === 'ENOSPC' && !this.#isFull) {
      this.#isFull = true;
      setImmediate(ended, null, writeSync(fd, bytes, begin, Math.ceil(length / 2), position));
    } else setImmediate(ended, Object.assign(new Error('write'), { code: this.mode }), 0);
  };

  /** Lets writes held back, and all later ones, go this way. */
  go(mode: DiskMode): void {
    this.mode = mode;
    for (const start of this.#held.splice(0)) start();
  }
}

/** An operation held until the test releases it. */
interface Hold {
  readonly release: () => void;
}

export interface FileStage extends OutputRig {
  readonly folder: string;
  readonly path: string;
  readonly output: LineOutput;
  readonly disk: Disk;
  readonly holds: Hold[];
  /** Files that the path has named, open for reading, even if their name is gone. */
  readonly seen: Map<string, number>;
  readonly sent: string[];
  readonly timersBefore: number;
}

export function timerCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

export function createFileStage(t: TestContext, retryMs: number): FileStage {
  const folder = `${TestDaemon.folder(t)}/in`;
  mkdirSync(folder);
  const path = `${folder}/log`;
  const base = outputRig(t);
  const rig = { ...base, services: { ...base.services, opens: new ThreadGate(1) } };
  const disk = new Disk();
  const seams: FileSeams = { write: disk.write, retryMs, stallMs: retryMs };
  const rotation = { sizeBytes: null, interval: null, count: 3 };
  const options = { path, sync: true, mode: 0o600, owner: { owner: null, group: null }, rotation };
  const timersBefore = timerCount();
  const output = new LineOutput(options, rig.services, seams);
  const seen = new Map<string, number>();
  cleanUp(t, () => {
    for (const fd of seen.values()) closeSync(fd);
  });
  cleanUp(t, () => output.close(inMs(0)));
  return { ...rig, folder, path, output, disk, holds: [], seen, sent: [], timersBefore };
}

/** Keeps the file at the path readable. */
export function keepReadable(s: FileStage): void {
  const stats = statSync(s.path, { throwIfNoEntry: false });
  if (stats === undefined || s.seen.has(`${stats.ino}`)) return;
  s.seen.set(`${stats.ino}`, openSync(s.path, 'r'));
}

export function sendRecord(s: FileStage): string {
  const record = `record ${s.sent.length}`;
  // Records that come after it is closed are nobody's.
  if (s.output.state === 'closed') s.output.flush(performance.now());
  else if (s.send(s.output, record)) s.sent.push(record);
  return record;
}

function readWhole(fd: number): string {
  const buffer = Buffer.alloc(fstatSync(fd).size);
  return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
}

/** All lines in files that the path has or had, each file once. */
export function linesOf(s: FileStage): string[] {
  keepReadable(s);
  const texts = [...s.seen.values()].map(readWhole);
  const names = readdirSync(s.folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of names) {
    const path = `${s.folder}/${name}`;
    if (s.seen.has(`${statSync(path).ino}`) || name.includes('tsyslogd')) continue;
    texts.push(name.endsWith('.gz') ? gunzipSync(readFileSync(path)).toString() : readFileSync(path, 'latin1'));
  }
  return texts
    .join('\n')
    .split('\n')
    .filter((line) => line !== '' && line !== 'not ours');
}

function openHere(s: FileStage): string[] {
  const own = new Set([...s.seen.values()].map(String));
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return !own.has(fd) && readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${s.folder}/`);
    } catch {
      return false;
    }
  });
}

export function holdOpens(s: FileStage): void {
  s.services.opens.enter(() => undefined);
  s.holds.push({ release: () => s.services.opens.leave() });
}

export async function holdRotation(s: FileStage): Promise<void> {
  const { key } = await resolvePlace(s.path);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  void s.services.rotations.locks.run(key, () => held);
  s.holds.push({ release });
}

function releaseAll(s: FileStage): void {
  for (const { release } of s.holds.splice(0)) release();
}

export function replacePath(s: FileStage): void {
  mkdirSync(s.folder, { recursive: true });
  keepReadable(s);
  writeFileSync(`${s.folder}/other`, 'not ours\n');
  renameSync(`${s.folder}/other`, s.path);
}

/** Removes all obstacles that are still there. */
export function clearObstacles(s: FileStage): void {
  mkdirSync(s.folder, { recursive: true });
  s.disk.go('works');
  releaseAll(s);
}

/**
 * Every record is in a file once, or counted; `exact`: and not both. If the deadline comes while a full disk holds part
 * of a record, that one is not exact, and the next start completes its line.
 */
export function checkRecords(s: FileStage, exact: boolean): void {
  const isTorn = (line: string): boolean => s.sent.some((record) => record !== line && record.startsWith(line));
  const found = linesOf(s).filter((line) => exact || !isTorn(line));
  assert.deepEqual(
    found.filter((line, at) => found.indexOf(line) !== at || !s.sent.includes(line)),
    [],
    'nothing twice, nothing torn',
  );
  const missing = s.sent.filter((record) => !found.includes(record)).length;
  const { dropped } = s.output.counters;
  assert.ok(missing <= dropped, `${missing} of ${s.sent.length} are missing, ${dropped} are counted`);
  if (exact) assert.equal(dropped, missing);
}

/** Everything in progress has ended, however late. */
export async function allHasEnded(s: FileStage): Promise<void> {
  const { opens, rotations } = s.services;
  await until('no write is under way', () => s.disk.isIdle);
  await opens.run(() => Promise.resolve());
  const { key } = await resolvePlace(s.path);
  await rotations.locks.run(key, () => Promise.resolve());
  await opens.run(() => Promise.resolve());
}

export async function closesAll(s: FileStage): Promise<void> {
  await until(
    'no descriptor is left',
    () => openHere(s).length === 0,
    undefined,
    () => openHere(s).join(),
  );
}
