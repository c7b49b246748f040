/**
 * Every situation of a loghost met by every event: its state, and what becomes of the next record. Whatever happened, its
 * end leaves no link and no timer, and every record was sent or is counted.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { ForwardOutput } from '../../../../src/output/forward/forward-output.ts';
import type { HostLookup, LookupDone } from '../../../../src/output/forward/host-lookup.ts';
import { type LinkOpener, type LinkResult, Refusals, type UdpLink } from '../../../../src/output/forward/udp-link.ts';
import type { OutputState } from '../../../../src/output/output.ts';
import { SysError } from '../../../../src/sys/call/errors.ts';
import { cleanUp } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

const EHOSTUNREACH = -113;
const ADDRESS = { family: 4, address: '192.0.2.1' } as const;

/** `takes`: all; `full`: nothing for now; `away`: no link opens, none sends; `holds`: links open when told. */
type NetMode = 'takes' | 'full' | 'away' | 'holds';

class Net implements HostLookup {
  mode: NetMode = 'takes';
  readonly received: string[] = [];
  readonly links = new Set<UdpLink>();
  knowsName = true;
  answers = true;
  #questions: LookupDone[] = [];
  #opening: (() => void)[] = [];

  ask(_host: string, _family: 4 | 6 | null, done: LookupDone): void {
    this.#questions.push(done);
    if (this.answers) setImmediate(() => this.answer());
  }

  answer(): void {
    for (const done of this.#questions.splice(0))
      done(this.knowsName ? null : new Error('unknown'), this.knowsName ? [ADDRESS] : []);
  }

  go(mode: NetMode): void {
    this.mode = mode;
    for (const open of this.#opening.splice(0)) open();
  }

  readonly open: LinkOpener = (target, done, changed) => {
    if (this.mode === 'holds') this.#opening.push(() => this.open(target, done, changed));
    else done(this.#result());
  };

  #result(): LinkResult {
    if (this.mode === 'away') return { ok: false, error: new SysError('connect', EHOSTUNREACH) };
    const link: UdpLink & { trouble: Error | 'full' | null } = {
      localAddress: '192.0.2.2',
      refusals: new Refusals(),
      cutCount: 0,
      failedCount: 0,
      trouble: null,
      send: (bytes, begin, end) => {
        link.trouble =
          this.mode === 'takes' ? null : this.mode === 'full' ? 'full' : new SysError('send', EHOSTUNREACH);
        if (link.trouble !== null) return 0;
        this.received.push(...bytes.toString('latin1', begin, end).trimEnd().split('\n'));
        return end - begin;
      },
      poll: () => undefined,
      close: () => this.links.delete(link),
    };
    this.links.add(link);
    return { ok: true, link };
  }
}

interface Stage extends OutputRig {
  readonly net: Net;
  readonly output: ForwardOutput;
  readonly timersBefore: number;
  readonly sent: string[];
}

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

function create(t: TestContext, net: Net, retryMs: number): Stage {
  const rig = outputRig(t);
  const { pool, report } = rig.services;
  const target = { host: 'h', port: 1, iface: null, ttl: null, allAddresses: false, family: null, payloadBytes: 1024 };
  const timing = { lookup: { retryMs, retryMaxMs: retryMs, refreshMs: 3_600_000 }, checkMs: 5, settleMs: 5 };
  const timersBefore = timerCount();
  const services = { pool, report, lookup: net, openLink: net.open, ownPlace: () => null };
  const output = new ForwardOutput({ ...target, timing }, services);
  cleanUp(t, () => output.close(inMs(0)));
  return { ...rig, net, output, timersBefore, sent: [] };
}

function send(s: Stage): string {
  const record = `record ${s.sent.length}`;
  if (s.output.state !== 'closed' && s.send(s.output, record)) s.sent.push(record);
  return record;
}

const isAt = (s: Stage, state: OutputState): Promise<unknown> =>
  until(
    `it is ${state}`,
    () => s.output.state === state,
    undefined,
    () => s.output.state,
  );

const SITUATION_NAMES = ['unanswered', 'unknown', 'opening', 'open', 'full', 'away', 'draining', 'closed'] as const;
type Situation = (typeof SITUATION_NAMES)[number];

async function staged(t: TestContext, retryMs: number, change: Partial<Pick<Net, 'mode' | 'answers' | 'knowsName'>>) {
  const s = create(t, Object.assign(new Net(), change), retryMs);
  await s.output.open();
  return s;
}

const SITUATIONS: Readonly<Record<Situation, (t: TestContext, retryMs: number) => Promise<Stage>>> = {
  unanswered: async (t, retryMs) => await staged(t, retryMs, { answers: false }),
  async unknown(t, retryMs) {
    const s = await staged(t, retryMs, { knowsName: false });
    await isAt(s, 'retrying');
    return s;
  },
  async opening(t, retryMs) {
    const s = await staged(t, retryMs, { mode: 'holds' });
    await new Promise(setImmediate);
    return s;
  },
  async open(t, retryMs) {
    const s = await staged(t, retryMs, {});
    await until('the name is known', () => s.net.links.size > 0);
    const record = send(s);
    await until('it is sent', () => s.net.received.includes(record));
    return s;
  },
  async full(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    s.net.mode = 'full';
    send(s);
    return s;
  },
  async away(t, retryMs) {
    const s = await SITUATIONS.open(t, retryMs);
    s.net.mode = 'away';
    send(s);
    await isAt(s, 'retrying');
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
  'the name is known',
  'the net takes all',
  'the net is full',
  'the host is away',
  'a reload',
  'the end begins',
] as const;
type EventName = (typeof EVENT_NAMES)[number];

const EVENTS: Readonly<Record<EventName, (s: Stage) => void>> = {
  'records come': (s) => void send(s),
  'the name is known'({ net }) {
    net.knowsName = true;
    net.answers = true;
    net.answer();
  },
  'the net takes all': ({ net }) => net.go('takes'),
  'the net is full': ({ net }) => net.go('full'),
  'the host is away': ({ net }) => net.go('away'),
  'a reload': ({ output }) => output.reopen(),
  'the end begins': ({ output }) => void output.drain(inMs(3000)),
};

type Fate = 'sent' | 'queued';
type Cell = readonly [OutputState, Fate];
const WORKS: Cell = ['open', 'sent'];
/** No failure: it goes on by itself in a moment. */
const WAITS: Cell = ['open', 'queued'];
const AWAY: Cell = ['retrying', 'queued'];
const UNOPENED: Cell = ['opening', 'queued'];
const ENDING: Cell = ['draining', 'sent'];
const LAST: Cell = ['draining', 'queued'];

function cells(cell: Cell, change: Partial<Record<EventName, Cell>>): Readonly<Record<EventName, Cell>> {
  return {
    'records come': cell,
    'the name is known': cell,
    'the net takes all': cell,
    'the net is full': cell,
    'the host is away': cell,
    'a reload': cell,
    'the end begins': LAST,
    ...change,
  };
}

const TABLE: Readonly<Record<Exclude<Situation, 'closed'>, Readonly<Record<EventName, Cell>>>> = {
  unanswered: cells(UNOPENED, { 'the name is known': WORKS }),
  unknown: cells(AWAY, { 'the name is known': WORKS }),
  opening: cells(UNOPENED, {
    'the net takes all': WORKS,
    'the net is full': WAITS,
    'the host is away': AWAY,
  }),
  open: cells(WORKS, { 'the net is full': WAITS, 'the host is away': AWAY, 'the end begins': ENDING }),
  full: cells(WAITS, { 'the net takes all': WORKS, 'the host is away': AWAY }),
  away: cells(AWAY, { 'the net takes all': WORKS, 'the net is full': ['retrying', 'queued'] }),
  draining: cells(ENDING, { 'the net is full': LAST, 'the host is away': LAST, 'the end begins': ENDING }),
};

/** Sent once each, or counted as dropped. */
function checkRecords({ net, output, sent }: Stage): void {
  assert.deepEqual(
    net.received.filter((record, at) => net.received.indexOf(record) !== at || !sent.includes(record)),
    [],
  );
  assert.equal(output.counters.dropped, sent.length - net.received.length);
  assert.equal(output.written(), net.received.length);
}

describe('situations and events', { concurrency: 16 }, () => {
  for (const situation of SITUATION_NAMES) {
    if (situation === 'closed') continue;
    for (const event of EVENT_NAMES) {
      const [state, fate] = TABLE[situation][event];
      test(`${situation}; ${event}: ${state}, the next record is ${fate}`, async (t) => {
        const s = await SITUATIONS[situation](t, 5);
        EVENTS[event](s);
        const record = send(s);
        await until(`the record is ${fate}`, () =>
          fate === 'sent' ? s.net.received.includes(record) : s.output.queue.countRecords() > 0,
        );
        await isAt(s, state);
        if (fate === 'sent') await until('all is sent', () => s.output.queue.queuedBytes === 0);
        const waiting = s.output.queue.countRecords();
        s.net.mode = 'away';
        const lost = await s.output.close(inMs(0));
        assert.equal(lost, waiting);
        checkRecords(s);
        assert.equal(s.net.links.size, 0);
      });
    }
  }
});

for (const situation of SITUATION_NAMES) {
  for (const event of EVENT_NAMES) {
    test(`${situation}; ${event}, and the deadline has passed; answers and links come late`, async (t) => {
      const s = await SITUATIONS[situation](t, 3_600_000);
      EVENTS[event](s);
      const lost = await s.output.close(inMs(0));
      assert.equal(s.output.state, 'closed');
      const counters = { ...s.output.counters };
      const told = s.reports.length;
      for (const name of EVENT_NAMES) EVENTS[name](s);
      s.net.go('takes');
      s.net.answer();
      s.output.flush();
      await new Promise(setImmediate);
      assert.equal(timerCount(), s.timersBefore, 'no timer is left');
      assert.equal(s.net.links.size, 0, 'no link is left');
      assert.equal(s.output.state, 'closed');
      assert.deepEqual({ ...s.output.counters }, counters);
      assert.deepEqual(s.reports.slice(told), []);
      assert.equal(await s.output.close(inMs(0)), lost);
      checkRecords(s);
    });
  }
}

for (const situation of ['full', 'away'] as const) {
  test(`${situation}: what waits is sent by itself once that is possible`, async (t) => {
    const s = await SITUATIONS[situation](t, 5);
    s.net.go('takes');
    await until('all is sent', () => s.net.received.length === s.sent.length);
    await isAt(s, 'open');
    assert.equal(await s.output.close(inMs(0)), 0);
    checkRecords(s);
  });
}
