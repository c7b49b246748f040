/**
 * Every situation of a FIFO met by every event: what becomes of its state and of the next message, that nothing begins
 * again at once, and that nothing comes back to life after the end.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { FifoOutput, type FifoTiming } from '../../../../src/output/pipe/fifo-output.ts';
import { MadeFifos } from '../../../../src/output/pipe/made-fifos.ts';
import type { OutputState } from '../../../../src/output/output.ts';
import { makeFifo } from '../../../../src/sys/file/fifo.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

/** Short pauses: every cell of the table waits for some of them. */
const SHORT: FifoTiming = { seekMs: 15, retryMs: 15 };
/** Pauses that never end: whatever happens again within them has none. */
const ENDLESS: FifoTiming = { seekMs: 3_600_000, retryMs: 3_600_000 };
const { O_NONBLOCK, O_RDONLY } = constants;

interface Stage extends OutputRig {
  readonly folder: string;
  readonly path: string;
  readonly output: FifoOutput;
  /** Read sides that are open, oldest first; they are of different FIFOs where that was exchanged. */
  readonly readers: number[];
  readonly readAll: () => string;
}

async function stage(t: TestContext, timing: FifoTiming, prepare: (path: string) => void): Promise<Stage> {
  const folder = `${TestDaemon.folder(t)}/in`;
  mkdirSync(folder);
  const path = `${folder}/fifo`;
  const rig = outputRig(t);
  const options = { path, mode: 0o600, owner: { owner: null, group: null } };
  const output = new FifoOutput(options, rig.services, new MadeFifos(), timing);
  const readers: number[] = [];
  cleanUp(t, () => output.close(inMs(0)));
  cleanUp(t, () => readers.forEach(closeSync));
  prepare(path);
  await output.open(true);
  const readAll = (): string => readers.map(takeAll).join('');
  return { ...rig, folder, path, output, readers, readAll };
}

function takeAll(fd: number): string {
  const buffer = Buffer.alloc(100_000);
  let text = '';
  for (;;) {
    let got = 0;
    try {
      got = readSync(fd, buffer);
    } catch {
      // Empty, and somebody writes.
    }
    if (got === 0) return text;
    text += buffer.toString('latin1', 0, got);
  }
}

function reader({ readers, path }: Stage): void {
  readers.push(openSync(path, O_RDONLY | O_NONBLOCK));
}

function noReader({ readers }: Stage): void {
  for (const fd of readers.splice(0)) closeSync(fd);
}

function put(path: string, make: (at: string) => unknown): void {
  make(`${path}.new`);
  renameSync(`${path}.new`, path);
}

const fifo = (path: string): unknown => makeFifo(path, 0o600);
const file = (path: string): void => writeFileSync(path, 'mine');
const nothing = (): void => undefined;

const SITUATION_NAMES = [
  'read',
  'full',
  'deserted',
  'unread',
  'a file there',
  'no folder',
  'replaced by a file, but read',
] as const;
type Situation = (typeof SITUATION_NAMES)[number];

const SITUATIONS: Readonly<Record<Situation, (t: TestContext, timing: FifoTiming) => Promise<Stage>>> = {
  async read(t, timing) {
    const s = await stage(t, timing, nothing);
    reader(s);
    return await works(s);
  },
  async full(t, timing) {
    const s = await SITUATIONS.read(t, timing);
    for (let i = 0; i < 300; i++) s.send(s.output, 'x'.repeat(990));
    await until('it is full', () => s.output.state === 'retrying' && s.output.queue.queuedBytes > 0);
    return s;
  },
  async deserted(t, timing) {
    const s = await SITUATIONS.read(t, timing);
    noReader(s);
    s.send(s.output, 'unread');
    await until('that is noticed', () => s.output.state === 'retrying');
    return s;
  },
  async unread(t, timing) {
    return await stage(t, timing, nothing);
  },
  async 'a file there'(t, timing) {
    return await stage(t, timing, file);
  },
  async 'no folder'(t, timing) {
    return await stage(t, timing, (path) => rmSync(path.slice(0, -'/fifo'.length), { recursive: true }));
  },
  async 'replaced by a file, but read'(t, timing) {
    const s = await SITUATIONS.read(t, timing);
    put(s.path, file);
    await until('that is noticed', () => s.output.state === 'retrying');
    return s;
  },
};

/** Has something written, and read. */
async function works(s: Stage): Promise<Stage> {
  await until('something is read', () => {
    s.send(s.output, 'first');
    return s.readAll().includes('first');
  });
  return s;
}

const EVENT_NAMES = [
  'a look',
  'a message',
  'a reader comes',
  'the reader goes',
  'another FIFO',
  'a file',
  'the path is gone',
  'the folder is gone',
] as const;
type EventName = (typeof EVENT_NAMES)[number];

const EVENTS: Readonly<Record<EventName, (s: Stage) => void>> = {
  'a look': (s) => s.output.reopen(),
  'a message': (s) => void s.send(s.output, 'one'),
  'a reader comes': (s) => void (statSync(s.path, { throwIfNoEntry: false })?.isFIFO() === true && reader(s)),
  'the reader goes': (s) => noReader(s),
  'another FIFO': (s) => {
    mkdirSync(s.folder, { recursive: true });
    put(s.path, fifo);
  },
  'a file': (s) => {
    mkdirSync(s.folder, { recursive: true });
    put(s.path, file);
  },
  'the path is gone': (s) => rmSync(s.path, { force: true }),
  'the folder is gone': (s) => rmSync(s.folder, { recursive: true, force: true }),
};

/** What becomes of a message that is sent when all has come to rest. */
type Fate = 'read' | 'queued' | 'dropped';
const OK = ['open', 'read'] as const;
const LONG = ['retrying', 'queued'] as const;
const NONE = ['retrying', 'dropped'] as const;
/** Still read by those who opened it before, though the path is another's. */
const KEPT = ['retrying', 'read'] as const;

/** State and fate of the next message. */
const TABLE: Readonly<Record<Situation, Readonly<Record<EventName, readonly [OutputState, Fate]>>>> = {
  read: {
    'a look': OK,
    'a message': OK,
    'a reader comes': OK,
    'the reader goes': NONE,
    'another FIFO': NONE,
    'a file': KEPT,
    'the path is gone': NONE,
    'the folder is gone': KEPT,
  },
  full: {
    'a look': LONG,
    'a message': LONG,
    'a reader comes': LONG,
    'the reader goes': NONE,
    'another FIFO': NONE,
    'a file': LONG,
    'the path is gone': NONE,
    'the folder is gone': LONG,
  },
  deserted: {
    'a look': NONE,
    'a message': NONE,
    'a reader comes': OK,
    'the reader goes': NONE,
    'another FIFO': NONE,
    'a file': NONE,
    'the path is gone': NONE,
    'the folder is gone': NONE,
  },
  unread: {
    'a look': NONE,
    'a message': NONE,
    'a reader comes': OK,
    'the reader goes': NONE,
    'another FIFO': NONE,
    'a file': NONE,
    'the path is gone': NONE,
    'the folder is gone': NONE,
  },
  'a file there': {
    'a look': NONE,
    'a message': NONE,
    'a reader comes': NONE,
    'the reader goes': NONE,
    'another FIFO': NONE,
    'a file': NONE,
    'the path is gone': NONE,
    'the folder is gone': NONE,
  },
  'no folder': {
    'a look': NONE,
    'a message': NONE,
    'a reader comes': NONE,
    'the reader goes': NONE,
    'another FIFO': NONE,
    'a file': NONE,
    'the path is gone': NONE,
    'the folder is gone': NONE,
  },
  'replaced by a file, but read': {
    'a look': KEPT,
    'a message': KEPT,
    'a reader comes': KEPT,
    'the reader goes': NONE,
    'another FIFO': NONE,
    'a file': KEPT,
    'the path is gone': NONE,
    'the folder is gone': KEPT,
  },
};

/** Waits until an output that only looks, and fails, has done so again and again: so much time has passed. */
async function pauses(t: TestContext): Promise<void> {
  const other = await stage(t, SHORT, file);
  await until('some pauses are over', () => other.output.counters.failures >= 4);
  await other.output.close(inMs(0));
}

async function comesTo(s: Stage, fate: Fate): Promise<void> {
  const { output } = s;
  const before = output.counters.dropped;
  s.send(output, 'last');
  let text = '';
  await until(`the message is ${fate}`, () => {
    if (fate === 'queued') return output.queue.queuedBytes > 0;
    if (fate === 'dropped') return output.counters.dropped > before;
    return (text += s.readAll()).includes('last');
  });
}

function openHere(folder: string): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${folder}/`);
    } catch {
      return false;
    }
  });
}

/** Ends it, has everything happen once more, and looks whether anything came of it. */
async function endsForGood(t: TestContext, s: Stage, deadlineMs: number): Promise<void> {
  const { output, reports } = s;
  await output.close(deadlineMs);
  assert.equal(output.state, 'closed');
  noReader(s);
  const told = reports.length;
  const { failures } = output.counters;
  for (const name of EVENT_NAMES) EVENTS[name](s);
  mkdirSync(s.folder, { recursive: true });
  rmSync(s.path, { force: true });
  output.reopen();
  output.flush(performance.now());
  await output.drain(inMs(1000));
  await pauses(t);
  assert.equal(output.state, 'closed');
  assert.deepEqual(reports.slice(told), []);
  assert.equal(output.counters.failures, failures);
  assert.equal(existsSync(s.path), false);
  noReader(s);
  await until('no descriptor is left', () => openHere(s.folder).length === 0);
}

// Each waits most of the time.
describe('situations and events', { concurrency: 64 }, () => {
  for (const situation of SITUATION_NAMES) {
    for (const event of EVENT_NAMES) {
      const [state, fate] = TABLE[situation][event];
      test(`${situation}; ${event}: ${state}, the next message is ${fate}`, async (t) => {
        const s = await SITUATIONS[situation](t, SHORT);
        EVENTS[event](s);
        if (event !== 'a message') await pauses(t);
        await comesTo(s, fate);
        await until(
          'the state is that',
          () => s.output.state === state,
          undefined,
          () => s.output.state,
        );
        await endsForGood(t, s, inMs(1000));
      });

      test(`${situation}; ${event} just before the end, and at the deadline`, async (t) => {
        const s = await SITUATIONS[situation](t, SHORT);
        EVENTS[event](s);
        await endsForGood(t, s, inMs(0));
      });

      test(`${situation}; ${event} while draining: it stays draining`, async (t) => {
        const s = await SITUATIONS[situation](t, SHORT);
        const drained = s.output.drain(inMs(1000));
        EVENTS[event](s);
        await drained;
        s.send(s.output, 'late');
        await pauses(t);
        assert.equal(s.output.state, 'draining');
        await endsForGood(t, s, inMs(1000));
      });

      test(`${situation}; ${event}: a failure is followed by a pause`, async (t) => {
        const s = await SITUATIONS[situation](t, ENDLESS);
        const before = s.output.counters.failures;
        EVENTS[event](s);
        s.send(s.output, 'one', 'two');
        await pauses(t);
        // One for what the directory says, one for a message, one for the directory once more where that came in between.
        assert.ok(s.output.counters.failures - before <= 5, `${s.output.counters.failures - before} failures`);
      });
    }
  }
});

test('an end while it is being opened leaves nothing open and nothing made', async (t) => {
  for (const persist of [true, false]) {
    const rig = outputRig(t);
    const folder = TestDaemon.folder(t);
    const path = `${folder}/fifo`;
    const options = { path, mode: 0o600, owner: { owner: null, group: null } };
    const output = new FifoOutput(options, rig.services, new MadeFifos(), SHORT);
    const opening = output.open(persist);
    const [, lost] = await Promise.all([opening, output.close(inMs(0))]);
    assert.equal(lost, 0);
    assert.equal(output.state, 'closed');
    await until('nothing is left', () => openHere(folder).length === 0 && !existsSync(path));
    assert.deepEqual(rig.reports, []);
  }
});

test('what there is no FIFO for is told once, its loss when it works again, and the new FIFO is used', async (t) => {
  const s = await SITUATIONS['a file there'](t, SHORT);
  for (const text of ['one', 'two']) {
    const before = s.output.counters.dropped;
    s.send(s.output, text);
    await until('it is dropped', () => s.output.counters.dropped > before);
  }
  await pauses(t);
  put(s.path, fifo);
  reader(s);
  let sent = 2;
  await until('it is read', () => {
    sent++;
    s.send(s.output, 'after');
    return s.readAll() !== '';
  });
  const lost = s.output.counters.dropped;
  assert.ok(lost >= 2 && lost < sent);
  await until('the loss is reported', () => s.reports.length > 1);
  assert.deepEqual(s.reports, [
    `cannot open fifo "${s.path}": it is not a FIFO`,
    `dropped ${lost} messages to fifo "${s.path}"`,
  ]);
});

test('one that is replaced by a file is told once, and not again for every message that is still read', async (t) => {
  const s = await SITUATIONS['replaced by a file, but read'](t, SHORT);
  for (let i = 0; i < 5; i++) {
    await comesTo(s, 'read');
    await pauses(t);
  }
  assert.deepEqual(s.reports, [`cannot open fifo "${s.path}": it is not a FIFO`]);
});
