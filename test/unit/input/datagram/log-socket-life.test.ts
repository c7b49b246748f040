/**
 * The life of a log socket, state by state and event by event: the real class, with sockets that nobody reads, and a
 * watcher that is the test itself.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test, type TestContext } from 'node:test';
import { LogSocket } from '../../../../src/input/datagram/log-socket.ts';
import type { InputState } from '../../../../src/input/input.ts';
import type { LogSocketOpener } from '../../../../src/input/transport.ts';
import { bindUnix, closeSocket, createUnixSocket } from '../../../../src/sys/socket/sockets.ts';
import { FakeTransport, fakeContext } from '../../../support/fake-transport.ts';
import { temporaryDirectory } from '../../../support/receiving.ts';

const RETRY_MS = 1000;

class Rig {
  readonly path: string;
  readonly reports: string[] = [];
  /** Those of the sockets that were made, in order. */
  readonly transports: FakeTransport[] = [];
  /** Made, but not wanted after all. */
  discarded = 0;
  /** Another program receives at the path. */
  taken = false;
  input: LogSocket;
  #look: (() => void) | null = null;
  /** Open to the end: as long as they are, no other file gets the number of theirs. */
  readonly #fds: number[] = [];

  constructor(t: TestContext, begin: 'made' | 'cannot be made' = 'made') {
    mock.timers.enable({ apis: ['setInterval'] });
    t.after(() => {
      mock.timers.reset();
      for (const fd of this.#fds) closeSocket(fd);
    });
    this.path = join(temporaryDirectory(t), 'log');
    if (begin === 'cannot be made') mkdirSync(this.path);
    const opener: LogSocketOpener = { open: (path) => this.#open(path), isAlive: () => this.taken };
    const watch = (_path: string, look: () => void): (() => void) => {
      this.#look = look;
      return () => {
        this.#look = null;
      };
    };
    const context = fakeContext(this.reports);
    this.input = new LogSocket({ path: this.path, opener, context, watcher: { watch }, paused: false, mayWait: true });
  }

  #open(path: string): ReturnType<LogSocketOpener['open']> {
    this.#bind(path);
    return {
      start: (paused) => {
        const transport = new FakeTransport();
        if (paused) transport.calls.push('starts paused');
        this.transports.push(transport);
        return transport;
      },
      discard: () => this.discarded++,
    };
  }

  #bind(path: string): void {
    const fd = createUnixSocket();
    this.#fds.push(fd);
    bindUnix(fd, path);
  }

  /** The watcher says that something has happened to the path. */
  changed(): void {
    this.#look?.();
  }

  get watched(): boolean {
    return this.#look !== null;
  }

  #moveAway(): void {
    if (existsSync(`${this.path}-ours`)) rmSync(this.path, { force: true, recursive: true });
    else if (existsSync(this.path)) renameSync(this.path, `${this.path}-ours`);
  }

  /** The path leads to nothing. */
  vanishes(): void {
    rmSync(this.path, { force: true, recursive: true });
    this.taken = false;
    this.changed();
  }

  /** Another program's socket is at the path. */
  isTaken(): void {
    this.#moveAway();
    this.#bind(this.path);
    this.taken = true;
    this.changed();
  }

  /** Something that is no socket is at the path. */
  isBlocked(): void {
    this.#moveAway();
    mkdirSync(this.path);
    this.taken = false;
    this.changed();
  }

  /** The file of the socket is at the path, as before. */
  isBack(): void {
    if (existsSync(`${this.path}-ours`)) {
      rmSync(this.path, { force: true, recursive: true });
      renameSync(`${this.path}-ours`, this.path);
    }
    this.taken = false;
    this.changed();
  }
}

type Before = 'open' | 'taken' | 'blocked' | 'never made' | 'closed';

const BEFORE: Readonly<Record<Before, (t: TestContext) => Rig>> = {
  open: (t) => new Rig(t),
  taken: (t) => {
    const rig = new Rig(t);
    rig.isTaken();
    return rig;
  },
  blocked: (t) => {
    const rig = new Rig(t);
    rig.isBlocked();
    return rig;
  },
  'never made': (t) => new Rig(t, 'cannot be made'),
  closed: (t) => {
    const rig = new Rig(t);
    rig.input.close();
    return rig;
  },
};

type Event =
  | 'is back'
  | 'vanishes'
  | 'is taken'
  | 'is blocked'
  | 'time passes'
  | 'pause'
  | 'resume'
  | 'leave'
  | 'close';

const EVENTS: Readonly<Record<Event, (rig: Rig) => void>> = {
  'is back': (rig) => rig.isBack(),
  vanishes: (rig) => rig.vanishes(),
  'is taken': (rig) => rig.isTaken(),
  'is blocked': (rig) => rig.isBlocked(),
  'time passes': () => mock.timers.tick(RETRY_MS),
  pause: (rig) => rig.input.pause(),
  resume: (rig) => rig.input.resume(),
  leave: (rig) => rig.input.leave(),
  close: (rig) => rig.input.close(),
};

/** Reports, without the path. */
const AGAIN = 'log socket PATH disappeared and was recreated';
const NOW = 'log socket PATH was created';
const BACK = 'log socket PATH is back';
const TAKEN = 'log socket PATH was taken over by another program: retrying';
const BLOCKED = 'cannot create log socket "PATH": a directory is in the way: retrying';

interface Row {
  readonly before: Before;
  readonly event: Event;
  readonly state: InputState;
  readonly report?: string;
  /** Another socket was made. */
  readonly made?: boolean;
  /** What was asked of the socket that was open before. */
  readonly calls?: readonly string[];
}

const TABLE: readonly Row[] = [
  { before: 'open', event: 'is back', state: 'open' },
  { before: 'open', event: 'vanishes', state: 'open', report: AGAIN, made: true, calls: ['close'] },
  { before: 'open', event: 'is taken', state: 'retrying', report: TAKEN },
  { before: 'open', event: 'is blocked', state: 'retrying', report: BLOCKED },
  { before: 'open', event: 'time passes', state: 'open' },
  { before: 'open', event: 'pause', state: 'open', calls: ['pause'] },
  { before: 'open', event: 'resume', state: 'open', calls: ['resume'] },
  { before: 'open', event: 'leave', state: 'closed', calls: ['leave'] },
  { before: 'open', event: 'close', state: 'closed', calls: ['close'] },

  { before: 'taken', event: 'is back', state: 'open', report: BACK },
  { before: 'taken', event: 'vanishes', state: 'open', report: AGAIN, made: true, calls: ['close'] },
  { before: 'taken', event: 'is blocked', state: 'retrying' },
  { before: 'taken', event: 'time passes', state: 'retrying' },
  { before: 'taken', event: 'pause', state: 'retrying', calls: ['pause'] },
  { before: 'taken', event: 'resume', state: 'retrying', calls: ['resume'] },
  { before: 'taken', event: 'leave', state: 'closed', calls: ['leave'] },
  { before: 'taken', event: 'close', state: 'closed', calls: ['close'] },

  { before: 'blocked', event: 'is back', state: 'open', report: BACK },
  { before: 'blocked', event: 'vanishes', state: 'open', report: AGAIN, made: true, calls: ['close'] },
  { before: 'blocked', event: 'time passes', state: 'retrying' },
  { before: 'blocked', event: 'close', state: 'closed', calls: ['close'] },

  { before: 'never made', event: 'vanishes', state: 'open', report: NOW, made: true },
  { before: 'never made', event: 'is taken', state: 'retrying' },
  { before: 'never made', event: 'time passes', state: 'retrying' },
  { before: 'never made', event: 'pause', state: 'retrying' },
  { before: 'never made', event: 'resume', state: 'retrying' },
  { before: 'never made', event: 'leave', state: 'closed' },
  { before: 'never made', event: 'close', state: 'closed' },

  { before: 'closed', event: 'is back', state: 'closed' },
  { before: 'closed', event: 'vanishes', state: 'closed' },
  { before: 'closed', event: 'is taken', state: 'closed' },
  { before: 'closed', event: 'time passes', state: 'closed' },
  { before: 'closed', event: 'pause', state: 'closed' },
  { before: 'closed', event: 'resume', state: 'closed' },
  { before: 'closed', event: 'leave', state: 'closed' },
  { before: 'closed', event: 'close', state: 'closed' },
];

for (const { before, event, state, report, made = false, calls = [] } of TABLE) {
  test(`log socket, ${before}: ${event}: ${state}`, (t) => {
    const rig = BEFORE[before](t);
    const open = rig.transports.at(-1);
    const [madeBefore, callsBefore, reportsBefore] = [
      rig.transports.length,
      open?.calls.length ?? 0,
      rig.reports.length,
    ];
    EVENTS[event](rig);
    assert.equal(rig.input.state, state);
    const reports = rig.reports.slice(reportsBefore).map((text) => text.replaceAll(rig.path, 'PATH'));
    assert.deepEqual(reports, report === undefined ? [] : [report]);
    assert.equal(rig.transports.length - madeBefore, made ? 1 : 0);
    assert.deepEqual(open?.calls.slice(callsBefore) ?? [], calls);
    assert.equal(rig.watched, state !== 'closed');
    const shared = state !== 'closed' && rig.transports.length > 0;
    assert.equal(rig.input.openSockets().length, shared ? 1 : 0);
  });
}

for (const before of ['taken', 'blocked', 'never made'] as const) {
  test(`log socket, ${before}: tried again by itself, until it is made`, (t) => {
    const rig = BEFORE[before](t);
    const madeBefore = rig.transports.length;
    rmSync(rig.path, { recursive: true });
    rig.taken = false;
    mock.timers.tick(RETRY_MS);
    assert.equal(rig.input.state, 'open');
    assert.equal(rig.transports.length, madeBefore + 1);
  });
}

test('log socket: what happens while it is frozen is made up for afterwards', (t) => {
  const rig = new Rig(t);
  rig.input.freeze(true);
  rig.vanishes();
  assert.equal(rig.transports.length, 1);
  assert.equal(existsSync(rig.path), false);
  rig.input.freeze(false);
  assert.equal(rig.transports.length, 2);
  rig.input.freeze(true);
  rig.vanishes();
  rig.input.close();
  rig.input.freeze(false);
  assert.equal(rig.transports.length, 2);
  assert.equal(existsSync(rig.path), false);
});

test('log socket: one that is made again while it is paused begins paused', (t) => {
  const rig = new Rig(t);
  rig.input.pause();
  rig.vanishes();
  assert.deepEqual(rig.transports[1]?.calls, ['starts paused']);
});

test('log socket: one that is closed while its old socket is emptied leaves no new one behind', (t) => {
  const rig = new Rig(t);
  const [old] = rig.transports;
  assert.ok(old !== undefined);
  old.onClose = () => rig.input.close();
  rig.vanishes();
  assert.equal(rig.input.state, 'closed');
  assert.deepEqual([rig.transports.length, rig.discarded], [1, 1]);
  assert.equal(existsSync(rig.path), false);
  assert.deepEqual(rig.reports, []);
});

test('log socket: left, its file stays; closed, it goes, unless it is another one', (t) => {
  const left = new Rig(t);
  left.input.leave();
  assert.ok(statSync(left.path).isSocket());
  mock.timers.reset();
  const other = new Rig(t);
  other.isTaken();
  other.input.close();
  assert.ok(statSync(other.path).isSocket());
});
