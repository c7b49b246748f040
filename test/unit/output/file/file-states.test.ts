/**
 * Every situation of a file met by every event: its state, what becomes of the next record, and that it works again when
 * all obstacles are gone. Whatever happened, its end leaves no descriptor and no timer, and no record is written twice,
 * or missing without being counted.
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
  rmSync,
  statSync,
  write,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { FileSeams } from '../../../../src/output/file/file-work.ts';
import { LineOutput } from '../../../../src/output/file/line-output.ts';
import type { WriteCall, WriteDone } from '../../../../src/output/file/line-writer.ts';
import type { OutputState } from '../../../../src/output/output.ts';
import { resolvePlace } from '../../../../src/output/rotation/disk.ts';
import { ThreadGate } from '../../../../src/output/thread-gate.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

const SHORT_MS = 10;
const ENDLESS_MS = 3_600_000;

type DiskMode = 'works' | 'holds' | 'ENOSPC' | 'EIO';

/** A disk that fills up, fails, or holds back its writes until told to go on. */
class Disk {
  mode: DiskMode = 'works';
  readonly #held: (() => void)[] = [];
  /** A full disk takes one half first. */
  #isFull = false;
  /** Writes that have failed. */
  failedCount = 0;
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
      if (error !== null) this.failedCount++;
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

  /** Writes that were held back, and all later ones, go this way. */
  go(mode: DiskMode): void {
    this.mode = mode;
    for (const start of this.#held.splice(0)) start();
  }
}

/** Something that takes its time until the test lets it go on. */
interface Hold {
  readonly release: () => void;
}

interface Stage extends OutputRig {
  readonly folder: string;
  readonly path: string;
  readonly output: LineOutput;
  readonly disk: Disk;
  readonly holds: Hold[];
  /** Files that the path has named, open for reading, whether or not they still have a name. */
  readonly seen: Map<string, number>;
  readonly sent: string[];
  readonly timersBefore: number;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

function create(t: TestContext, retryMs: number): Stage {
  const folder = `${TestDaemon.folder(t)}/in`;
  mkdirSync(folder);
  const path = `${folder}/log`;
  const base = outputRig(t);
  const rig = { ...base, services: { ...base.services, opens: new ThreadGate(1) } };
  const disk = new Disk();
  const seams: FileSeams = { write: disk.write, retryMs, stallMs: retryMs };
  const rotation = { sizeBytes: null, interval: null, count: 3 };
  const options = { path, sync: true, mode: 0o600, owner: { owner: null, group: null }, rotation };
  const timersBefore = timers();
  const output = new LineOutput(options, rig.services, seams);
  const seen = new Map<string, number>();
  cleanUp(t, () => {
    for (const fd of seen.values()) closeSync(fd);
  });
  cleanUp(t, () => output.close(inMs(0)));
  return { ...rig, folder, path, output, disk, holds: [], seen, sent: [], timersBefore };
}

/** Keeps what stands at the path readable. */
function look(s: Stage): void {
  const stats = statSync(s.path, { throwIfNoEntry: false });
  if (stats === undefined || s.seen.has(`${stats.ino}`)) return;
  s.seen.set(`${stats.ino}`, openSync(s.path, 'r'));
}

function send(s: Stage): string {
  const record = `record ${s.sent.length}`;
  // What comes once it is closed is nobody's.
  if (s.output.state === 'closed') s.output.flush(performance.now());
  else if (s.send(s.output, record)) s.sent.push(record);
  return record;
}

function readWhole(fd: number): string {
  const buffer = Buffer.alloc(fstatSync(fd).size);
  return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
}

/** Everything in files that the path has or had, each file once. */
function lines(s: Stage): string[] {
  look(s);
  const texts = [...s.seen.values()].map(readWhole);
  const names = readdirSync(s.folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of names) {
    const path = `${s.folder}/${name}`;
    if (s.seen.has(`${statSync(path).ino}`) || name.includes('tsyslogd')) continue;
    texts.push(name.endsWith('.gz') ? gunzipSync(readFileSync(path)).toString() : readFileSync(path, 'latin1'));
  }
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '' && line !== 'not ours');
}

function openHere(s: Stage): string[] {
  const own = new Set([...s.seen.values()].map(String));
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return !own.has(fd) && readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${s.folder}`);
    } catch {
      return false;
    }
  });
}

function holdOpens(s: Stage): void {
  s.services.opens.enter(() => undefined);
  s.holds.push({ release: () => s.services.opens.leave() });
}

async function holdRotation(s: Stage): Promise<void> {
  const { key } = await resolvePlace(s.path);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  void s.services.rotations.locks.run(key, () => held);
  s.holds.push({ release });
}

function releaseAll(s: Stage): void {
  for (const { release } of s.holds.splice(0)) release();
}

const isAt = (s: Stage, state: OutputState): Promise<unknown> =>
  until(
    `it is ${state}`,
    () => s.output.state === state,
    undefined,
    () => s.output.state,
  );

const SITUATION_NAMES = [
  'open',
  'opening',
  'path away',
  'disk full',
  'write under way',
  'look under way',
  'rotation under way',
  'draining',
  'closed',
] as const;
type Situation = (typeof SITUATION_NAMES)[number];

const SITUATIONS: Readonly<Record<Situation, (t: TestContext, retryMs: number) => Promise<Stage>>> = {
  async open(t, retryMs) {
    const s = create(t, retryMs);
    await s.output.open(true);
    send(s);
    await until('it is written', () => lines(s).length === 1);
    return s;
  },
  async opening(t, retryMs) {
    const s = create(t, retryMs);
    holdOpens(s);
    void s.output.open(true);
    return await Promise.resolve(s);
  },
  async 'path away'(t, retryMs) {
    const s = create(t, retryMs);
    rmSync(s.folder, { recursive: true });
    await s.output.open(true);
    await isAt(s, 'retrying');
    return s;
  },
  async 'disk full'(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    s.disk.mode = 'ENOSPC';
    send(s);
    await isAt(s, 'retrying');
    return s;
  },
  async 'write under way'(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    s.disk.mode = 'holds';
    send(s);
    await until('a write is under way', () => s.disk.isHolding);
    return s;
  },
  async 'look under way'(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    holdOpens(s);
    replace(s);
    s.output.reopen();
    return s;
  },
  async 'rotation under way'(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    await holdRotation(s);
    s.output.rotate();
    return s;
  },
  async draining(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    await s.output.drain(inMs(1000));
    return s;
  },
  async closed(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    await s.output.close(inMs(1000));
    return s;
  },
};

function replace(s: Stage): void {
  mkdirSync(s.folder, { recursive: true });
  look(s);
  writeFileSync(`${s.folder}/other`, 'not ours\n');
  renameSync(`${s.folder}/other`, s.path);
}

const EVENT_NAMES = [
  'records come',
  'writes work',
  'writes fail: ENOSPC',
  'writes fail: EIO',
  'the path is gone',
  'the path is replaced',
  'a reload',
  'a rotation',
  'the end begins',
] as const;
type EventName = (typeof EVENT_NAMES)[number];

const EVENTS: Readonly<Record<EventName, (s: Stage) => void>> = {
  'records come': (s) => void send(s),
  'writes work': (s) => s.disk.go('works'),
  'writes fail: ENOSPC': (s) => s.disk.go('ENOSPC'),
  'writes fail: EIO': (s) => s.disk.go('EIO'),
  'the path is gone'(s) {
    look(s);
    rmSync(s.path, { force: true });
  },
  'the path is replaced': replace,
  'a reload': (s) => s.output.reopen(),
  'a rotation': (s) => void s.output.rotate(),
  'the end begins': (s) => void s.output.drain(inMs(ENDLESS_MS / 1000)),
};

/** What becomes of a record that is sent after the event. */
type Fate = 'written' | 'queued';
const WORKS = ['open', 'written'] as const;
/** Its turn comes when what is under way has ended. */
const WAITS = ['open', 'queued'] as const;
const FAILS = ['retrying', 'queued'] as const;
const UNOPENED = ['opening', 'queued'] as const;
const ENDING = ['draining', 'written'] as const;
const LAST = ['draining', 'queued'] as const;

type Cells = Readonly<Record<EventName, readonly [OutputState, Fate]>>;

function everywhere(cell: readonly [OutputState, Fate], change: Partial<Cells>): Cells {
  const all = {
    'records come': cell,
    'writes work': cell,
    'writes fail: ENOSPC': cell,
    'writes fail: EIO': cell,
    'the path is gone': cell,
    'the path is replaced': cell,
    'a reload': cell,
    'a rotation': cell,
    'the end begins': LAST,
  };
  return { ...all, ...change };
}

const TABLE: Readonly<Record<Exclude<Situation, 'closed'>, Cells>> = {
  open: everywhere(WORKS, {
    'writes fail: ENOSPC': FAILS,
    'writes fail: EIO': FAILS,
    'the end begins': ENDING,
  }),
  opening: everywhere(UNOPENED, {}),
  'path away': everywhere(FAILS, { 'the path is replaced': WORKS }),
  'disk full': everywhere(FAILS, { 'writes work': WORKS }),
  'write under way': everywhere(WAITS, {
    'writes work': WORKS,
    'writes fail: ENOSPC': FAILS,
    'writes fail: EIO': FAILS,
  }),
  'look under way': everywhere(WAITS, {}),
  'rotation under way': everywhere(WAITS, {}),
  draining: everywhere(ENDING, {
    'writes fail: ENOSPC': LAST,
    'writes fail: EIO': LAST,
    'the end begins': ENDING,
  }),
};

async function comesTo(s: Stage, fate: Fate): Promise<void> {
  const record = send(s);
  if (fate === 'written') await until('the record is written', () => lines(s).includes(record));
  else await until('the record waits', () => s.output.queue.countRecords() > 0);
}

/** Every record is in a file once, or counted; `exact`: and not both. */
function conserved(s: Stage, exact: boolean): void {
  const found = lines(s);
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

/** Writes that have failed were noticed. */
async function allIsKnown({ disk, output }: Stage): Promise<void> {
  if (disk.mode !== 'holds') await until('it rests', () => disk.isIdle && output.counters.failures >= disk.failedCount);
}

async function closesAll(s: Stage): Promise<void> {
  await until(
    'no descriptor is left',
    () => openHere(s).length === 0,
    undefined,
    () => openHere(s).join(),
  );
}

/** Takes all obstacles away, as far as they are still there. */
function clear(s: Stage): void {
  mkdirSync(s.folder, { recursive: true });
  s.disk.go('works');
  releaseAll(s);
}

// Each waits most of the time.
describe('situations and events', { concurrency: 16 }, () => {
  for (const situation of SITUATION_NAMES) {
    if (situation === 'closed') continue;
    for (const event of EVENT_NAMES) {
      const [state, fate] = TABLE[situation][event];
      test(`${situation}; ${event}: ${state}, the next record is ${fate}; then all works again`, async (t) => {
        const s = await SITUATIONS[situation](t, SHORT_MS);
        EVENTS[event](s);
        await comesTo(s, fate);
        await isAt(s, state);
        // The end tries once more: that must not be what has failed already.
        if (state === 'draining') await allIsKnown(s);
        clear(s);
        if (state !== 'draining') {
          await isAt(s, 'open');
          await until('all is written', () => s.output.queue.queuedBytes === 0);
          await until('the file at the path is open', () => {
            look(s);
            const stats = statSync(s.path, { throwIfNoEntry: false });
            return stats !== undefined && s.output.identity === `${stats.dev}:${stats.ino}`;
          });
        }
        assert.equal(await s.output.close(inMs(5000)), 0);
        assert.equal(s.output.state, 'closed');
        assert.equal(s.output.counters.dropped, 0);
        conserved(s, true);
        await closesAll(s);
      });
    }
  }
});

for (const situation of SITUATION_NAMES) {
  for (const event of EVENT_NAMES) {
    test(`${situation}; ${event}, and the deadline has passed; what was under way ends late`, async (t) => {
      const s = await SITUATIONS[situation](t, ENDLESS_MS);
      EVENTS[event](s);
      const lost = await s.output.close(inMs(0));
      assert.equal(s.output.state, 'closed');
      const counters = { ...s.output.counters };
      const told = s.reports.length;
      look(s);
      clear(s);
      for (const name of EVENT_NAMES) if (name !== 'records come') EVENTS[name](s);
      s.output.flush(performance.now());
      await closesAll(s);
      assert.equal(timers(), s.timersBefore, 'no timer is left');
      assert.equal(s.output.state, 'closed');
      assert.deepEqual({ ...s.output.counters }, counters);
      assert.deepEqual(
        s.reports.slice(told).filter((text) => !text.startsWith('rotated ')),
        [],
      );
      assert.equal(await s.output.close(inMs(0)), lost);
      conserved(s, false);
    });
  }
}

test('a rotation never parts a record: its rest goes to the same file', async (t) => {
  const s = await SITUATIONS['write under way'](t, SHORT_MS);
  s.output.rotate();
  s.disk.go('ENOSPC');
  s.disk.mode = 'works';
  await until('it is rotated', () => s.reports.includes(`rotated file "${s.path}"`));
  assert.equal(await s.output.close(inMs(5000)), 0);
  assert.equal(readFileSync(`${s.path}.0`, 'latin1'), 'record 0\nrecord 1\n');
  conserved(s, true);
});

test('what waited for a full disk and made room for others is counted, and later records are written', async (t) => {
  const s = await SITUATIONS['disk full'](t, SHORT_MS);
  await until('the torn record is taken back', () => lines(s).length === 1);
  assert.ok(s.output.queue.giveRoom() > 0);
  assert.equal(s.output.queue.queuedBytes, 0);
  // Its pause is over, with nothing to try it with.
  await pauses(t);
  s.disk.go('works');
  await comesTo(s, 'written');
  await isAt(s, 'open');
  assert.equal(s.output.counters.dropped, 1);
  conserved(s, true);
});

/** Waits until an output that only tries, and fails, has done so several times. */
async function pauses(t: TestContext): Promise<void> {
  const other = await SITUATIONS['path away'](t, SHORT_MS);
  await until('some pauses are over', () => other.output.counters.failures >= 4);
}
