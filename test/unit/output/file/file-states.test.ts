/**
 * Every situation of a file met by every event: its state, what becomes of the next record, and that it works again when
 * all obstacles are gone. Whatever happened, its end leaves no descriptor and no timer, and no record is written twice,
 * or missing without being counted.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import type { OutputState } from '../../../../src/output/output.ts';
import {
  allHasEnded,
  checkRecords,
  clearObstacles,
  closesAll,
  createFileStage,
  type FileStage,
  holdOpens,
  holdRotation,
  keepReadable,
  linesOf,
  replacePath,
  sendRecord,
  timerCount,
} from '../../../support/file-stage.ts';
import { inMs } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

const SHORT_MS = 10;
const ENDLESS_MS = 3_600_000;

const isAt = (s: FileStage, state: OutputState): Promise<unknown> =>
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

const SITUATIONS: Readonly<Record<Situation, (t: TestContext, retryMs: number) => Promise<FileStage>>> = {
  async open(t, retryMs) {
    const s = createFileStage(t, retryMs);
    await s.output.open(true);
    sendRecord(s);
    await until('it is written', () => linesOf(s).length === 1);
    return s;
  },
  async opening(t, retryMs) {
    const s = createFileStage(t, retryMs);
    holdOpens(s);
    void s.output.open(true);
    return await Promise.resolve(s);
  },
  async 'path away'(t, retryMs) {
    const s = createFileStage(t, retryMs);
    rmSync(s.folder, { recursive: true });
    await s.output.open(true);
    await isAt(s, 'retrying');
    return s;
  },
  async 'disk full'(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    s.disk.mode = 'ENOSPC';
    sendRecord(s);
    await isAt(s, 'retrying');
    return s;
  },
  async 'write under way'(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    s.disk.mode = 'holds';
    sendRecord(s);
    await until('a write is under way', () => s.disk.isHolding);
    return s;
  },
  async 'look under way'(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    holdOpens(s);
    replacePath(s);
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

const EVENTS: Readonly<Record<EventName, (s: FileStage) => void>> = {
  'records come': (s) => void sendRecord(s),
  'writes work': (s) => s.disk.go('works'),
  'writes fail: ENOSPC': (s) => s.disk.go('ENOSPC'),
  'writes fail: EIO': (s) => s.disk.go('EIO'),
  'the path is gone'(s) {
    keepReadable(s);
    rmSync(s.path, { force: true });
  },
  'the path is replaced': replacePath,
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

async function comesTo(s: FileStage, fate: Fate): Promise<void> {
  const record = sendRecord(s);
  if (fate === 'written') await until('the record is written', () => linesOf(s).includes(record));
  else await until('the record waits', () => s.output.queue.countRecords() > 0);
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
        clearObstacles(s);
        if (state !== 'draining') {
          await isAt(s, 'open');
          await until('the file at the path is open', () => {
            keepReadable(s);
            const stats = statSync(s.path, { throwIfNoEntry: false });
            return stats !== undefined && s.output.identity === `${stats.dev}:${stats.ino}`;
          });
        }
        // What does not open within a second is not waited for, however slow the machine is; every drain tries again.
        await until('all is written', async () => {
          if (state === 'draining') await s.output.drain(inMs(5000));
          return s.output.queue.queuedBytes === 0;
        });
        assert.equal(await s.output.close(inMs(5000)), 0);
        assert.equal(s.output.state, 'closed');
        assert.equal(s.output.counters.dropped, 0);
        checkRecords(s, true);
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
      keepReadable(s);
      clearObstacles(s);
      for (const name of EVENT_NAMES) if (name !== 'records come') EVENTS[name](s);
      s.output.flush(performance.now());
      await allHasEnded(s);
      await closesAll(s);
      assert.equal(timerCount(), s.timersBefore, 'no timer is left');
      assert.equal(s.output.state, 'closed');
      assert.deepEqual({ ...s.output.counters }, counters);
      assert.deepEqual(
        s.reports.slice(told).filter((text) => !text.startsWith('rotated ')),
        [],
      );
      assert.equal(await s.output.close(inMs(0)), lost);
      checkRecords(s, false);
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
  checkRecords(s, true);
});

test('what waited for a full disk and made room for others is counted, and later records are written', async (t) => {
  const s = await SITUATIONS['disk full'](t, SHORT_MS);
  await until('the torn record is taken back', () => linesOf(s).length === 1);
  assert.ok(s.output.queue.giveRoom() > 0);
  assert.equal(s.output.queue.queuedBytes, 0);
  // Its pause is over, with nothing to try it with.
  await pauses(t);
  s.disk.go('works');
  await comesTo(s, 'written');
  await isAt(s, 'open');
  assert.equal(s.output.counters.dropped, 1);
  checkRecords(s, true);
});

/** Waits until an output that only tries, and fails, has done so several times. */
async function pauses(t: TestContext): Promise<void> {
  const other = await SITUATIONS['path away'](t, SHORT_MS);
  await until('some pauses are over', () => other.output.counters.failures >= 4);
}
