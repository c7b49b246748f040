/**
 * When the inputs are read and where what they receive goes, state by state and event by event: the real set, with one
 * input that the test feeds.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendRow, Batch, ORIGIN } from '../../../../src/dgram-parser/columns/batch.ts';
import { NOTHING_INHERITED } from '../../../../src/engine/inputs/inherited.ts';
import type { GroupParts, InputEnd, InputGroup } from '../../../../src/engine/inputs/input-group.ts';
import { InputSet } from '../../../../src/engine/inputs/input-set.ts';
import { KernelInput } from '../../../../src/engine/inputs/kernel-input.ts';
import { NetworkInputs } from '../../../../src/engine/inputs/network-inputs.ts';
import { parseOptions } from '../../../../src/cli/tsyslogd/options.ts';
import { createInputCounters, type Input } from '../../../../src/input/input.ts';
import type { SocketRecord } from '../../../../src/input/shared-socket.ts';
import { Peers } from '../../../../src/input/sender/peers.ts';
import { fixedZone } from '../../../../src/protocol/calendar.ts';
import { PathWatcher } from '../../../../src/sys/file/path-watch.ts';
import { parseText } from '../../../support/conf-source.ts';

/** More rows of this size than may be held. */
const BIG_BYTES = 65_536;
const TOO_MANY = 520;
const RECORD: SocketRecord = { kind: 'passed', name: 'fake' };

class FakeInput implements Input {
  readonly kind = 'udp';
  readonly label: string;
  readonly counters = createInputCounters();
  state: Input['state'] = 'open';
  read: 'paused' | 'read' = 'paused';
  ended: 'left' | 'closed' | null = null;
  /** Received when it is closed. */
  rest: string | null = null;
  readonly #fd: number;
  readonly #receive: (text: string) => void;
  skipped = -1;

  constructor(label: string, fd: number, receive: (text: string) => void) {
    this.label = label;
    this.#fd = fd;
    this.#receive = receive;
  }

  pause(): void {
    this.read = 'paused';
  }

  resume(): void {
    this.read = 'read';
  }

  openSockets(): ReturnType<Input['openSockets']> {
    const leave = (): void => this.leave();
    const skipLosses = (drops: number): void => {
      this.skipped = drops;
    };
    return [{ record: RECORD, shared: { fd: this.#fd, reportLosses: () => 7, skipLosses, leave } }];
  }

  freeze(): void {}

  leave(): void {
    this.ended ??= 'left';
  }

  close(): void {
    if (this.ended !== null) return;
    this.ended = 'closed';
    if (this.rest !== null) this.#receive(this.rest);
  }
}

/** One input that is wanted, and one that was handed over in vain. */
class FakeGroup implements InputGroup {
  inputs: readonly FakeInput[];
  readonly wanted: FakeInput;
  readonly other: FakeInput;
  how: InputEnd | null = null;

  constructor(receive: (text: string) => void) {
    this.wanted = new FakeInput('wanted', 90, receive);
    this.other = new FakeInput('other', 91, receive);
    this.inputs = [this.wanted, this.other];
  }

  open(): void {}

  released(): void {
    this.other.close();
    this.inputs = [this.wanted];
  }

  ended(how: InputEnd): void {
    this.how = how;
  }
}

class Rig {
  /** What the pipeline got, in order. */
  readonly delivered: string[] = [];
  /** The outputs are behind after every batch. */
  slow = false;
  readonly set: InputSet;
  readonly group: FakeGroup;
  readonly #batch = new Batch(4, BIG_BYTES);

  constructor(t: test.TestContext, inheritedFds: readonly number[] = []) {
    this.group = new FakeGroup((text) => this.receive(text));
    let receive: (batch: Batch) => void = () => undefined;
    this.set = new InputSet((parts: GroupParts) => {
      receive = parts.opener.context.events.deliver;
      const [kernel, network] = [new KernelInput(parts), new NetworkInputs(parts)];
      return { kernel, network, all: [this.group] };
    });
    const pipeline = { turnWanted: false, deliver: (batch: Batch) => this.#pipelineGets(batch) };
    const watcher = new PathWatcher();
    t.after(() => watcher.close());
    this.set.open({
      settings: parseOptions([]),
      directives: parseText('').configuration.directives,
      batch: this.#batch,
      peers: new Peers({ hostNames: { short: 'a', full: 'a.b', domain: 'b' }, reverse: null }),
      zone: fixedZone(0),
      watcher,
      pipeline,
      selfLog: { report: () => undefined, journalled: false },
      inherited: { ...NOTHING_INHERITED, sockets: inheritedFds.map((fd) => ({ fd, record: RECORD })) },
      predecessor: null,
      listening: () => undefined,
    });
    this.#receive = receive;
  }

  readonly #receive: (batch: Batch) => void;

  /** The input receives one message. */
  receive(text: string): void {
    this.#batch.count = 0;
    appendRow(this.#batch, Buffer.from(text), ORIGIN.local);
    this.#receive(this.#batch);
    this.#batch.count = 0;
  }

  /** Receives more than may be held. */
  flood(): void {
    for (let i = 0; i < TOO_MANY; i++) this.receive(`x${'x'.repeat(BIG_BYTES - 10)}`);
  }

  #pipelineGets(batch: Batch): void {
    for (let row = 0; row < batch.count; row++) {
      const begin = row * batch.slotBytes;
      this.delivered.push(batch.bytes.toString('latin1', begin, begin + Math.min(9, batch.len[row] ?? 0)));
    }
    if (this.slow) this.set.pause();
  }
}

type State =
  | 'start'
  | 'reading'
  | 'outputs behind'
  | 'handed over'
  | 'holding'
  | 'held too much'
  | 'releasing'
  | 'released';

const STATES: Readonly<Record<State, (rig: Rig) => void>> = {
  start: () => undefined,
  reading: (rig) => rig.set.resume(),
  'outputs behind': (rig) => {
    rig.set.resume();
    rig.set.pause();
  },
  'handed over': (rig) => {
    rig.set.resume();
    rig.set.stop();
  },
  holding: (rig) => {
    rig.set.readAhead({ drops: [], kernelLast: -1 });
    rig.receive('one');
    rig.receive('two');
  },
  'held too much': (rig) => {
    STATES.holding(rig);
    rig.flood();
  },
  // Of two the first is delivered, and then the outputs are behind.
  releasing: (rig) => {
    STATES.holding(rig);
    rig.slow = true;
    rig.set.deliverHeld();
    rig.slow = false;
  },
  released: (rig) => {
    STATES.holding(rig);
    rig.set.deliverHeld();
  },
};

type Event = 'resume' | 'pause' | 'stop' | 'takeBack' | 'readAhead' | 'deliverHeld';

const EVENTS: Readonly<Record<Event, (set: InputSet) => unknown>> = {
  resume: (set) => set.resume(),
  pause: (set) => set.pause(),
  stop: (set) => set.stop(),
  takeBack: (set) => set.takeBack(),
  readAhead: (set) => set.readAhead({ drops: [], kernelLast: -1 }),
  deliverHeld: (set) => set.deliverHeld(),
};

/** After the event: are the inputs read; what of the held rows is delivered; is what comes then passed on or held. */
type After = readonly [read: 'read' | 'paused', delivered: string, then: 'passed' | 'held'];

const TABLE: Readonly<Record<State, Readonly<Record<Event, After>>>> = {
  start: {
    resume: ['read', '', 'passed'],
    pause: ['paused', '', 'passed'],
    stop: ['paused', '', 'passed'],
    takeBack: ['paused', '', 'passed'],
    readAhead: ['read', '', 'held'],
    deliverHeld: ['paused', '', 'passed'],
  },
  reading: {
    resume: ['read', '', 'passed'],
    pause: ['paused', '', 'passed'],
    stop: ['paused', '', 'passed'],
    takeBack: ['read', '', 'passed'],
    readAhead: ['read', '', 'held'],
    deliverHeld: ['read', '', 'passed'],
  },
  'outputs behind': {
    resume: ['read', '', 'passed'],
    pause: ['paused', '', 'passed'],
    stop: ['paused', '', 'passed'],
    takeBack: ['paused', '', 'passed'],
    readAhead: ['read', '', 'held'],
    deliverHeld: ['paused', '', 'held'],
  },
  'handed over': {
    resume: ['paused', '', 'passed'],
    pause: ['paused', '', 'passed'],
    stop: ['paused', '', 'passed'],
    takeBack: ['read', '', 'passed'],
    readAhead: ['paused', '', 'held'],
    deliverHeld: ['paused', '', 'passed'],
  },
  holding: {
    resume: ['read', '', 'held'],
    pause: ['paused', '', 'held'],
    stop: ['paused', '', 'held'],
    takeBack: ['read', '', 'held'],
    readAhead: ['read', '', 'held'],
    deliverHeld: ['read', 'one two', 'passed'],
  },
  'held too much': {
    resume: ['paused', '', 'held'],
    pause: ['paused', '', 'held'],
    stop: ['paused', '', 'held'],
    takeBack: ['paused', '', 'held'],
    readAhead: ['paused', '', 'held'],
    deliverHeld: ['read', 'one two', 'passed'],
  },
  releasing: {
    resume: ['read', 'two', 'passed'],
    pause: ['paused', '', 'held'],
    stop: ['paused', 'two', 'held'],
    takeBack: ['paused', '', 'held'],
    readAhead: ['read', '', 'held'],
    deliverHeld: ['paused', '', 'held'],
  },
  released: {
    resume: ['read', '', 'passed'],
    pause: ['paused', '', 'passed'],
    stop: ['paused', '', 'passed'],
    takeBack: ['read', '', 'passed'],
    readAhead: ['read', '', 'held'],
    deliverHeld: ['read', '', 'passed'],
  },
};

const STATE_NAMES = [
  ...(['start', 'reading', 'outputs behind', 'handed over'] as const),
  ...(['holding', 'held too much', 'releasing', 'released'] as const),
];
const EVENT_NAMES = ['resume', 'pause', 'stop', 'takeBack', 'readAhead', 'deliverHeld'] as const;

/** Without those that only fill the memory. */
function small(texts: readonly string[]): string {
  return texts.filter((text) => !text.startsWith('xxx')).join(' ');
}

for (const state of STATE_NAMES) {
  for (const event of EVENT_NAMES) {
    const [read, delivered, then] = TABLE[state][event];
    test(`inputs, ${state}: ${event}: ${read}, rows are ${then}`, (t) => {
      const rig = new Rig(t);
      STATES[state](rig);
      const before = rig.delivered.length;
      EVENTS[event](rig.set);
      assert.equal(rig.group.wanted.read, read);
      assert.equal(small(rig.delivered.slice(before)), delivered);
      rig.receive('new');
      assert.equal(rig.delivered.at(-1) === 'new', then === 'passed');
      assert.deepEqual([rig.group.wanted.ended, rig.group.how], [null, null]);
    });
  }
}

/** What is still held in each state, which is delivered before the end. */
const STILL_HELD: Readonly<Partial<Record<State, string>>> = {
  holding: 'one two ',
  'held too much': 'one two ',
  releasing: 'two ',
};
for (const state of STATE_NAMES) {
  const held = STILL_HELD[state] ?? '';
  test(`inputs, ${state}: close: delivers ${held}and then what the kernel still has`, (t) => {
    const rig = new Rig(t);
    STATES[state](rig);
    const before = rig.delivered.length;
    rig.group.wanted.rest = 'last';
    rig.set.close();
    assert.equal(small(rig.delivered.slice(before)), `${held}last`);
    if (state === 'held too much') assert.equal(rig.delivered.length, TOO_MANY + 3);
    assert.deepEqual([rig.group.wanted.ended, rig.group.other.ended, rig.group.how], ['closed', 'closed', 'close']);
  });

  test(`inputs, ${state}: leave: delivers nothing, closes descriptors only`, (t) => {
    const rig = new Rig(t);
    STATES[state](rig);
    const before = rig.delivered.length;
    rig.set.leave();
    assert.equal(rig.delivered.length, before);
    assert.deepEqual([rig.group.wanted.ended, rig.group.how], ['left', 'leave']);
    rig.set.close();
    assert.equal(rig.delivered.length, before);
  });

  test(`inputs, ${state}: abandon: delivers nothing, leaves what was handed over`, (t) => {
    const rig = new Rig(t, [90]);
    STATES[state](rig);
    const before = rig.delivered.length;
    rig.set.abandon();
    assert.equal(rig.delivered.length, before);
    assert.deepEqual([rig.group.wanted.ended, rig.group.other.ended, rig.group.how], ['left', 'closed', 'abandon']);
    rig.set.close();
    assert.equal(rig.delivered.length, before);
  });
}

test('inputs: what was handed over in vain is read until the other process has written everything', (t) => {
  const rig = new Rig(t, [90, 91]);
  STATES.holding(rig);
  rig.group.other.rest = 'rest';
  assert.deepEqual([rig.group.other.read, rig.group.other.ended], ['read', null]);
  rig.set.deliverHeld();
  assert.equal(rig.group.other.ended, 'closed');
  assert.deepEqual(rig.delivered, ['one', 'two', 'rest']);
  assert.deepEqual(rig.set.all(), [rig.group.wanted]);
});

test('inputs: what was handed over in vain is closed as soon as outputs that are behind have taken all', (t) => {
  const rig = new Rig(t, [90, 91]);
  STATES.releasing(rig);
  assert.equal(rig.group.other.ended, null);
  rig.set.resume();
  assert.equal(rig.group.other.ended, 'closed');
});

test('inputs: losses that the process before has reported are skipped, socket by socket', (t) => {
  const rig = new Rig(t, [91, 90]);
  assert.deepEqual(rig.set.stop(), { drops: [7, 7], kernelLast: -1 });
  rig.set.readAhead({ drops: [5, 6], kernelLast: -1 });
  assert.deepEqual([rig.group.wanted.skipped, rig.group.other.skipped], [6, 5]);
});

test('inputs, holding: what is given up is given back, and comes first where the other process reads again', (t) => {
  const [giver, taker] = [new Rig(t, [90]), new Rig(t)];
  const counts: number[] = [];
  giver.set.readAhead({ drops: [], kernelLast: -1 }, (messages) => counts.push(messages));
  giver.receive('one');
  giver.receive('two');
  // A socket of its own is emptied, and closed.
  giver.group.other.rest = 'three';
  const returned = giver.set.abandon();
  assert.deepEqual(counts, [1, 2, 3]);
  assert.deepEqual(giver.set.abandon(), []);
  STATES['handed over'](taker);
  taker.slow = true;
  taker.set.takeBack(returned);
  assert.deepEqual([taker.delivered.join(' '), taker.group.wanted.read], ['one', 'paused']);
  taker.slow = false;
  taker.set.resume();
  taker.receive('four');
  assert.deepEqual([taker.delivered.join(' '), taker.group.wanted.read], ['one two three four', 'read']);
  assert.deepEqual(giver.delivered, []);
});
