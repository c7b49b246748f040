/**
 * Every situation of a command met by every event: its state, and what becomes of the next record. Whatever happened, its
 * end leaves no process, no descriptor and no timer, and every record was read or is counted.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import type { OutputState } from '../../../../src/output/output.ts';
import { CommandOutput } from '../../../../src/output/pipe/command-output.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

const AMPLE_MS = 60_000;
/** More than a pipe holds. */
const MANY = 200;
const PADDING = 'x'.repeat(1000);

interface Stage extends OutputRig {
  readonly dir: string;
  readonly output: CommandOutput;
  readonly sent: string[];
  readonly timersBefore: number;
  readonly descriptorsBefore: number;
}

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}

async function create(t: TestContext, command: string): Promise<Stage> {
  const dir = TestDaemon.folder(t);
  const rig = outputRig(t);
  const before = { timersBefore: timerCount(), descriptorsBefore: descriptorCount() };
  const output = new CommandOutput({ command: command.replaceAll('DIR', dir) }, rig.services);
  cleanUp(t, () => output.close(inMs(0)));
  await output.open();
  return { ...rig, dir, output, sent: [], ...before };
}

function read({ dir }: Stage, name: string): string {
  return existsSync(`${dir}/${name}`) ? readFileSync(`${dir}/${name}`, 'latin1') : '';
}

function linesOf(s: Stage): string[] {
  return read(s, 'out')
    .split('\n')
    .filter((line) => line !== '');
}

function send(s: Stage, padding = ''): string {
  const record = `record ${s.sent.length} ${padding}`;
  if (s.output.state !== 'closed' && s.send(s.output, record)) s.sent.push(record);
  return record;
}

/** The process groups of all instances that were started. */
function pids(s: Stage): number[] {
  return read(s, 'pids').split('\n').slice(0, -1).map(Number);
}

function exists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

const READS = 'echo $$ >> DIR/pids; exec cat >> DIR/out';
/** Only the second one reads. */
const HANGS_ONCE =
  'if mkdir DIR/once; then echo $$ >> DIR/pids; exec sleep 1000; else echo $$ >> DIR/pids; exec cat >> DIR/out; fi';

const SITUATION_NAMES = ['not started', 'running', 'full', 'ended', 'draining', 'closed'] as const;
type Situation = (typeof SITUATION_NAMES)[number];

const SITUATIONS: Readonly<Record<Situation, (t: TestContext) => Promise<Stage>>> = {
  'not started': async (t) => await create(t, READS),
  async running(t) {
    const s = await create(t, READS);
    const record = send(s);
    await until('it reads', () => linesOf(s).includes(record));
    return s;
  },
  async full(t) {
    const s = await create(t, HANGS_ONCE);
    for (let i = 0; i < MANY; i++) send(s, PADDING);
    await until('it is full', () => s.output.state === 'retrying' && pids(s).length === 1);
    return s;
  },
  async ended(t) {
    const s = await SITUATIONS.running(t);
    end(s);
    await until('that is noticed', () => s.reports.some((text) => text.includes('killed by signal')));
    return s;
  },
  async draining(t) {
    const s = await SITUATIONS.running(t);
    await s.output.drain(inMs(AMPLE_MS));
    return s;
  },
  async closed(t) {
    const s = await SITUATIONS.running(t);
    await s.output.close(inMs(AMPLE_MS));
    return s;
  },
};

function end(s: Stage): void {
  for (const pid of pids(s)) if (exists(pid)) process.kill(-pid, 'SIGKILL');
}

const EVENT_NAMES = ['records come', 'it ends', 'a reload', 'the end begins'] as const;
type EventName = (typeof EVENT_NAMES)[number];

const EVENTS: Readonly<Record<EventName, (s: Stage) => unknown>> = {
  'records come': (s) => send(s),
  async 'it ends'(s) {
    const told = s.reports.length;
    const running = pids(s).some(exists);
    end(s);
    if (running) await until('that is noticed', () => s.reports.length > told);
  },
  'a reload': (s) => s.output.reopen(),
  'the end begins': (s) => void s.output.drain(inMs(AMPLE_MS / 20)),
};

type Fate = 'read' | 'queued';
type Cell = readonly [OutputState, Fate];
const WORKS: Cell = ['open', 'read'];
const FULL: Cell = ['retrying', 'queued'];
const ENDING: Cell = ['draining', 'read'];
/** Nothing is started for it any more, but once, when it is closed. */
const LAST: Cell = ['draining', 'queued'];

const TABLE: Readonly<Record<Exclude<Situation, 'closed'>, Readonly<Record<EventName, Cell>>>> = {
  'not started': { 'records come': WORKS, 'it ends': WORKS, 'a reload': WORKS, 'the end begins': LAST },
  running: { 'records come': WORKS, 'it ends': WORKS, 'a reload': WORKS, 'the end begins': ENDING },
  full: { 'records come': FULL, 'it ends': WORKS, 'a reload': FULL, 'the end begins': LAST },
  ended: { 'records come': WORKS, 'it ends': WORKS, 'a reload': WORKS, 'the end begins': LAST },
  draining: { 'records come': ENDING, 'it ends': LAST, 'a reload': ENDING, 'the end begins': ENDING },
};

/** Read once each, in order, or counted as dropped. */
function checkRecords(s: Stage): void {
  const found = linesOf(s).map((line) => s.sent.indexOf(line));
  assert.ok(!found.includes(-1), 'nothing torn');
  assert.deepEqual(
    found,
    [...new Set(found)].toSorted((a, b) => a - b),
    'once each, in order',
  );
  assert.equal(s.output.counters.dropped, s.sent.length - found.length);
}

describe('situations and events', { concurrency: 8 }, () => {
  for (const situation of SITUATION_NAMES) {
    if (situation === 'closed') continue;
    for (const event of EVENT_NAMES) {
      const [state, fate] = TABLE[situation][event];
      test(`${situation}; ${event}: ${state}, the next record is ${fate}`, async (t) => {
        const s = await SITUATIONS[situation](t);
        await EVENTS[event](s);
        const record = send(s);
        await until(`the record is ${fate}`, () =>
          fate === 'read' ? linesOf(s).includes(record) : s.output.written() < s.output.counters.accepted,
        );
        await until(
          `it is ${state}`,
          () => s.output.state === state,
          undefined,
          () => s.output.state,
        );
        const hangs = situation === 'full' && fate === 'queued';
        const lost = await s.output.close(inMs(hangs ? 1600 : AMPLE_MS));
        assert.equal(lost, hangs ? s.sent.length : 0);
        // What an instance left unread goes to the next one.
        assert.equal(s.output.counters.dropped, lost);
        checkRecords(s);
        for (const pid of pids(s)) await until('no process is left', () => !exists(pid));
      });
    }
  }
});

for (const situation of SITUATION_NAMES) {
  for (const event of EVENT_NAMES) {
    test(`${situation}; ${event}, and the deadline has passed`, async (t) => {
      const s = await SITUATIONS[situation](t);
      if (event === 'it ends') end(s);
      else await EVENTS[event](s);
      const lost = await s.output.close(inMs(0));
      assert.equal(s.output.state, 'closed');
      const counters = { ...s.output.counters };
      for (const name of EVENT_NAMES) if (name !== 'it ends') await EVENTS[name](s);
      s.output.flush(performance.now());
      for (const pid of pids(s)) await until('no process is left', () => !exists(pid));
      await until('no descriptor is left', () => descriptorCount() === s.descriptorsBefore);
      // Whether a whole group of processes has gone is looked at again and again.
      await until('no timer is left', () => timerCount() === s.timersBefore);
      assert.equal(s.output.state, 'closed');
      assert.deepEqual({ ...s.output.counters }, counters);
      assert.equal(await s.output.close(inMs(0)), lost);
      const unknown = s.sent.length - counters.dropped - linesOf(s).length;
      assert.ok(unknown === 0 || unknown === 1, 'read or counted, but for the one that a killed command had just read');
    });
  }
}
