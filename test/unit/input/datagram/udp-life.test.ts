/**
 * The life of a UDP input, state by state and event by event: the real class, with an opener that the test answers
 * for.
 */
import assert from 'node:assert/strict';
import { mock, test, type TestContext } from 'node:test';
import { UdpInput, type UdpOptions } from '../../../../src/input/datagram/udp.ts';
import type { InputState } from '../../../../src/input/input.ts';
import type { UdpOpenRequest, UdpOpenResult } from '../../../../src/input/transport.ts';
import { FakeTransport, fakeContext } from '../../../support/fake-transport.ts';

const RETRY_MS = 2000;
const LABEL = 'UDP 192.0.2.1:5140';
const TAKEN = `cannot listen on ${LABEL}: address already in use: retrying`;
const HAD = `now listening on ${LABEL}`;

interface Attempt {
  readonly request: UdpOpenRequest;
  readonly done: (result: UdpOpenResult) => void;
}

class Rig {
  readonly attempts: Attempt[] = [];
  readonly reports: string[] = [];
  readonly transports: FakeTransport[] = [];
  /** How often it said that places have changed. */
  changes = 0;
  readonly input: UdpInput;

  constructor(
    t: TestContext,
    host: string | null = '192.0.2.1',
    paused = false,
    { resolved = [], family = null }: Pick<Partial<UdpOptions>, 'resolved' | 'family'> = {},
  ) {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.after(() => mock.timers.reset());
    this.input = new UdpInput({
      listen: { host, port: 5140, iface: null },
      family,
      opener: (request, done) => this.attempts.push({ request, done }),
      context: fakeContext(this.reports, () => this.changes++),
      paused,
      retryMs: RETRY_MS,
      resolved,
    });
  }

  /** The last attempt succeeds. */
  bound(): void {
    const { request, done } = this.#last;
    const transport = new FakeTransport();
    this.transports.push(transport);
    done({ ok: true, transport, address: request.to });
  }

  /** The last attempt fails. */
  fails(code = 'EADDRINUSE'): void {
    this.#last.done({
      ok: false,
      error: Object.assign(new Error(code), { code, errno: code === 'EADDRINUSE' ? -98 : -97 }),
    });
  }

  /** The next attempt is due. */
  retryDue(): void {
    mock.timers.tick(RETRY_MS);
  }

  get calls(): readonly string[] {
    return this.transports[0]?.calls ?? [];
  }

  get #last(): Attempt {
    const last = this.attempts.at(-1);
    assert.ok(last !== undefined, 'there was an attempt');
    return last;
  }
}

type Before = 'opening' | 'open' | 'retrying' | 'trying again' | 'closed';

const BEFORE: Readonly<Record<Before, (rig: Rig) => void>> = {
  opening: () => undefined,
  open: (rig) => rig.bound(),
  retrying: (rig) => rig.fails(),
  'trying again': (rig) => {
    rig.fails();
    rig.retryDue();
  },
  closed: (rig) => rig.input.close(),
};

type Event =
  | 'bound'
  | 'fails'
  | 'retry due'
  | 'retry now'
  | 'pause'
  | 'resume'
  | 'frozen retry due'
  | 'leave'
  | 'close';

const EVENTS: Readonly<Record<Event, (rig: Rig) => void>> = {
  bound: (rig) => rig.bound(),
  fails: (rig) => rig.fails(),
  'retry due': (rig) => rig.retryDue(),
  'retry now': (rig) => rig.input.retryNow(),
  pause: (rig) => rig.input.pause(),
  resume: (rig) => rig.input.resume(),
  'frozen retry due': (rig) => {
    rig.input.freeze(true);
    rig.retryDue();
  },
  leave: (rig) => rig.input.leave(),
  close: (rig) => rig.input.close(),
};

interface Row {
  readonly before: Before;
  readonly event: Event;
  readonly state: InputState;
  /** Attempts to bind, all in all. Default: as many as before. */
  readonly attempts?: number;
  /** What was reported by the event. Default: nothing. */
  readonly reports?: readonly string[];
  /** What was asked of the socket by the event. Default: nothing. */
  readonly calls?: readonly string[];
}

const TABLE: readonly Row[] = [
  { before: 'opening', event: 'bound', state: 'open', calls: ['resume'] },
  { before: 'opening', event: 'fails', state: 'retrying', reports: [TAKEN] },
  { before: 'opening', event: 'retry due', state: 'opening' },
  { before: 'opening', event: 'retry now', state: 'opening' },
  { before: 'opening', event: 'pause', state: 'opening' },
  { before: 'opening', event: 'resume', state: 'opening' },
  { before: 'opening', event: 'leave', state: 'closed' },
  { before: 'opening', event: 'close', state: 'closed' },

  { before: 'open', event: 'retry due', state: 'open' },
  { before: 'open', event: 'retry now', state: 'open' },
  { before: 'open', event: 'frozen retry due', state: 'open' },
  { before: 'open', event: 'pause', state: 'open', calls: ['pause'] },
  { before: 'open', event: 'resume', state: 'open', calls: ['resume'] },
  { before: 'open', event: 'leave', state: 'closed', calls: ['leave'] },
  { before: 'open', event: 'close', state: 'closed', calls: ['close'] },

  { before: 'retrying', event: 'retry due', state: 'retrying', attempts: 2 },
  { before: 'retrying', event: 'retry now', state: 'retrying', attempts: 2 },
  { before: 'retrying', event: 'frozen retry due', state: 'retrying' },
  { before: 'retrying', event: 'pause', state: 'retrying' },
  { before: 'retrying', event: 'resume', state: 'retrying' },
  { before: 'retrying', event: 'leave', state: 'closed' },
  { before: 'retrying', event: 'close', state: 'closed' },

  { before: 'trying again', event: 'bound', state: 'open', reports: [HAD], calls: ['resume'] },
  { before: 'trying again', event: 'fails', state: 'retrying' },
  { before: 'trying again', event: 'retry due', state: 'retrying' },
  { before: 'trying again', event: 'retry now', state: 'retrying' },
  { before: 'trying again', event: 'leave', state: 'closed' },
  { before: 'trying again', event: 'close', state: 'closed' },

  { before: 'closed', event: 'bound', state: 'closed', calls: ['close'] },
  { before: 'closed', event: 'fails', state: 'closed' },
  { before: 'closed', event: 'retry due', state: 'closed' },
  { before: 'closed', event: 'retry now', state: 'closed' },
  { before: 'closed', event: 'frozen retry due', state: 'closed' },
  { before: 'closed', event: 'pause', state: 'closed' },
  { before: 'closed', event: 'resume', state: 'closed' },
  { before: 'closed', event: 'leave', state: 'closed' },
  { before: 'closed', event: 'close', state: 'closed' },
];

for (const { before, event, state, attempts, reports = [], calls = [] } of TABLE) {
  test(`udp, ${before}: ${event}: ${state}`, (t) => {
    const rig = new Rig(t);
    BEFORE[before](rig);
    const [attemptsBefore, reportsBefore, callsBefore] = [rig.attempts.length, rig.reports.length, rig.calls.length];
    EVENTS[event](rig);
    assert.equal(rig.input.state, state);
    assert.equal(rig.attempts.length, attempts ?? attemptsBefore);
    assert.deepEqual(rig.reports.slice(reportsBefore), reports);
    assert.deepEqual(rig.calls.slice(callsBefore), calls);
    const open = state === 'open';
    assert.deepEqual(
      [rig.input.openSockets().length, rig.input.places[0]?.open],
      [open ? 1 : 0, open || before === 'open'],
    );
  });
}

test('udp: what ends it ends it for good: no attempt follows', (t) => {
  for (const end of ['leave', 'close'] as const) {
    const rig = new Rig(t);
    rig.fails();
    rig.input[end]();
    rig.retryDue();
    rig.retryDue();
    assert.equal(rig.attempts.length, 1);
    mock.timers.reset();
  }
});

test('udp: an attempt that is due while it is frozen is made up for once; none where it was closed meanwhile', (t) => {
  const rig = new Rig(t);
  rig.fails();
  rig.input.freeze(true);
  rig.retryDue();
  assert.equal(rig.attempts.length, 1);
  rig.input.freeze(false);
  assert.equal(rig.attempts.length, 2);
  rig.input.freeze(false);
  assert.equal(rig.attempts.length, 2);
  rig.fails();
  rig.input.freeze(true);
  rig.retryDue();
  rig.input.close();
  rig.input.freeze(false);
  assert.equal(rig.attempts.length, 2);
});

test('udp: a socket that is bound while it is paused begins paused, and each failure and its end is told once', (t) => {
  const rig = new Rig(t, '192.0.2.1', true);
  rig.fails();
  for (let i = 0; i < 3; i++) {
    rig.retryDue();
    rig.fails();
  }
  rig.retryDue();
  assert.equal(rig.attempts.at(-1)?.request.paused, true);
  rig.bound();
  assert.deepEqual(rig.calls, ['pause']);
  assert.deepEqual(rig.reports, [TAKEN, HAD]);
  assert.equal(rig.changes, 2);
});

test('udp: a kernel without IPv6 is no failure where every address was meant, and one where its address was named', (t) => {
  const every = new Rig(t, null);
  assert.deepEqual(
    every.attempts.map(({ request }) => request.to.address),
    ['0.0.0.0', '::'],
  );
  every.fails('EAFNOSUPPORT');
  every.attempts[0]?.done({ ok: true, transport: new FakeTransport(), address: every.attempts[0].request.to });
  assert.equal(every.input.state, 'open');
  assert.deepEqual(every.reports, []);
  assert.equal(every.changes, 2);
  assert.equal(every.input.places.length, 1);
  every.retryDue();
  assert.equal(every.attempts.length, 2);
  mock.timers.reset();
  const named = new Rig(t, '2001:db8::1');
  named.fails('EAFNOSUPPORT');
  assert.equal(named.input.state, 'retrying');
  assert.equal(named.reports.length, 1);
});

test('udp: an attempt that is made at once takes the place of the one that was due', (t) => {
  const rig = new Rig(t);
  rig.fails();
  rig.input.retryNow();
  rig.retryDue();
  assert.equal(rig.attempts.length, 2);
});

test('udp: sockets bound by another process for a host name are there before the name is looked up', (t) => {
  const rig = new Rig(t, 'tsyslogd.invalid', true, { resolved: ['192.0.2.1', '192.0.2.2'] });
  assert.deepEqual(
    rig.attempts.map(({ request }) => request.to.address),
    ['192.0.2.1', '192.0.2.2'],
  );
  rig.bound();
  assert.deepEqual(
    rig.input.openSockets().map(({ record }) => record),
    [
      {
        kind: 'udp',
        to: { family: 4, address: '192.0.2.2', port: 5140, scopeId: 0 },
        iface: null,
        host: 'tsyslogd.invalid',
      },
    ],
  );
  rig.input.close();
});

test('udp: a kernel without IPv6 is a failure where only IPv6 is wanted: it is told, and tried again', (t) => {
  const rig = new Rig(t, null, false, { family: 6 });
  rig.fails('EAFNOSUPPORT');
  assert.equal(rig.input.state, 'retrying');
  assert.deepEqual(rig.reports, ['cannot listen on UDP [::]:5140: address family not supported: retrying']);
  assert.equal(rig.changes, 1);
  rig.retryDue();
  assert.equal(rig.attempts.length, 2);
});
