/**
 * Every situation of a terminal of users met by every event: the state of the output, and what becomes of the next
 * message. Whatever happened, its end leaves no descriptor, and what comes late changes nothing.
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import type { OutputState } from '../../../../src/output/output.ts';
import { UserOutput } from '../../../../src/output/terminal/user-output.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { Pty, ptyMissing } from '../../../support/pty.ts';
import { until } from '../../../support/until.ts';
import { utmpEntry } from '../../../support/utmp.ts';

const skip = ptyMissing();

interface Stage extends OutputRig {
  readonly pty: Pty;
  readonly utmp: string;
  readonly output: UserOutput;
  sentCount: number;
}

async function create(t: TestContext): Promise<Stage> {
  const dir = TestDaemon.folder(t);
  const rig = outputRig(t);
  const pty = await Pty.open(t);
  const utmp = `${dir}/utmp`;
  const output = new UserOutput({ names: ['joe'], sources: { utmp, logind: `${dir}/none` } }, rig.services);
  cleanUp(t, () => output.close(inMs(0)));
  await output.open();
  return { ...rig, pty, utmp, output, sentCount: 0 };
}

function logIn({ utmp, pty }: Stage): void {
  writeFileSync(utmp, utmpEntry({ type: 7, user: 'joe', line: pty.path.slice('/dev/'.length) }));
}

function send(s: Stage): string {
  const record = `record ${s.sentCount++} end`;
  s.send(s.output, record);
  return record;
}

const SITUATION_NAMES = ['nobody', 'logged in', 'stopped', 'draining'] as const;
type Situation = (typeof SITUATION_NAMES)[number];

const SITUATIONS: Readonly<Record<Situation, (t: TestContext) => Promise<Stage>>> = {
  nobody: create,
  async 'logged in'(t) {
    const s = await create(t);
    logIn(s);
    const record = send(s);
    await until('it is shown', () => s.pty.output.includes(record));
    return s;
  },
  async stopped(t) {
    const s = await SITUATIONS['logged in'](t);
    await s.pty.stop();
    send(s);
    return s;
  },
  async draining(t) {
    const s = await SITUATIONS['logged in'](t);
    await s.output.drain(inMs(5000));
    return s;
  },
};

const EVENT_NAMES = [
  'messages come',
  'a login',
  'a logout',
  'the terminal stops',
  'the terminal goes on',
  'a reload',
  'the end begins',
] as const;
type EventName = (typeof EVENT_NAMES)[number];

const EVENTS: Readonly<Record<EventName, (s: Stage) => unknown>> = {
  'messages come': (s) => send(s),
  'a login': (s) => logIn(s),
  'a logout': (s) => rmSync(s.utmp, { force: true }),
  'the terminal stops': (s) => s.pty.stop(),
  'the terminal goes on': (s) => s.pty.start(),
  'a reload': (s) => s.output.reopen(),
  'the end begins': (s) => void s.output.drain(inMs(2000)),
};

/** `nowhere`: nobody is there, which is not a failure. */
type Fate = 'shown' | 'dropped' | 'nowhere';
type Cell = readonly [OutputState, Fate];

function cells(fate: Fate, change: Partial<Record<EventName, Cell>> = {}): Readonly<Record<EventName, Cell>> {
  return {
    'messages come': ['open', fate],
    'a login': ['open', fate],
    'a logout': ['open', 'nowhere'],
    'the terminal stops': ['open', fate],
    'the terminal goes on': ['open', fate],
    'a reload': ['open', fate],
    'the end begins': ['draining', fate],
    ...change,
  };
}

const STOPS: Cell = ['open', 'dropped'];
const TABLE: Readonly<Record<Situation, Readonly<Record<EventName, Cell>>>> = {
  nobody: cells('nowhere', { 'a login': ['open', 'shown'] }),
  'logged in': cells('shown', { 'the terminal stops': STOPS }),
  stopped: cells('dropped', { 'the terminal goes on': ['open', 'shown'] }),
  draining: {
    'messages come': ['draining', 'shown'],
    'a login': ['draining', 'shown'],
    'a logout': ['draining', 'nowhere'],
    'the terminal stops': ['draining', 'dropped'],
    'the terminal goes on': ['draining', 'shown'],
    'a reload': ['draining', 'shown'],
    'the end begins': ['draining', 'shown'],
  },
};

/** Sends until a message has that fate: who is logged in is looked at now and then only. */
async function comesTo(s: Stage, fate: Fate): Promise<void> {
  await until(`a message is ${fate}`, async () => {
    const { written, dropped } = { written: s.output.written(), dropped: s.output.counters.dropped };
    const record = send(s);
    if (fate === 'dropped') return await until('it is dropped', () => s.output.counters.dropped > dropped);
    await until('it is under way no more', () => s.output.sound || s.output.counters.dropped > dropped);
    if (fate === 'nowhere') return s.output.written() === written && s.output.counters.dropped === dropped;
    return s.output.written() > written && (await until('it is shown', () => s.pty.output.includes(record)));
  });
}

function descriptors({ pty }: Stage): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === pty.path;
    } catch {
      return false;
    }
  });
}

describe('situations and events', { concurrency: 8, skip }, () => {
  for (const situation of SITUATION_NAMES) {
    for (const event of EVENT_NAMES) {
      const [state, fate] = TABLE[situation][event];
      test(`${situation}; ${event}: ${state}, the next message is ${fate}; the end leaves nothing`, async (t) => {
        const s = await SITUATIONS[situation](t);
        await EVENTS[event](s);
        await comesTo(s, fate);
        assert.equal(s.output.state, state);
        const lost = await s.output.close(inMs(0));
        assert.equal(s.output.state, 'closed');
        assert.equal(s.output.queue.queuedBytes, 0);
        const counters = { ...s.output.counters };
        const told = s.reports.length;
        const written = s.output.written();
        await s.pty.start();
        await until('no descriptor is left', () => descriptors(s).length === 0);
        s.output.reopen();
        await s.output.drain(inMs(1000));
        assert.deepEqual({ ...s.output.counters }, counters);
        assert.equal(s.output.written(), written);
        assert.deepEqual(s.reports.slice(told), []);
        assert.equal(await s.output.close(inMs(0)), lost);
      });
    }
  }
});
