/**
 * Forwarding with both kinds of link, to receivers on loopback; names come from a lookup of the test's own.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ChunkPool } from '../../../../src/queue/chunk-pool.ts';
import { type ForwardOptions, ForwardOutput } from '../../../../src/output/forward/forward-output.ts';
import type { HostLookup, LookupDone } from '../../../../src/output/forward/host-lookup.ts';
import { openNativeLink } from '../../../../src/output/forward/native-udp-link.ts';
import { openPortableLink } from '../../../../src/output/forward/portable-udp-link.ts';
import { type LinkOpener, Refusals, type UdpLink } from '../../../../src/output/forward/udp-link.ts';
import { SysError } from '../../../../src/sys/call/errors.ts';
import { freeUdpPort } from '../../../support/ports.ts';
import { UdpReceiver } from '../../../support/udp-receiver.ts';
import { until } from '../../../support/until.ts';

const LINKS: readonly (readonly [string, LinkOpener])[] = [
  ['native', openNativeLink],
  ['portable', openPortableLink],
];

/** Answers questions when the test wants. */
class ManualLookup implements HostLookup {
  readonly questions: { readonly host: string; readonly done: LookupDone }[] = [];

  ask(host: string, _family: 4 | 6 | null, done: LookupDone): void {
    this.questions.push({ host, done });
  }

  /** Answers the oldest question. */
  async answer(...addresses: string[]): Promise<void> {
    const question = await until('a question is asked', () => this.questions.shift());
    const found = addresses.map((address) => ({
      family: address.includes(':') ? (6 as const) : (4 as const),
      address,
    }));
    question.done(found.length === 0 ? new Error('unknown node or service') : null, found);
  }
}

interface Rig {
  readonly output: ForwardOutput;
  readonly reports: string[];
  readonly lookup: ManualLookup;
  /** Queues records and flushes once. */
  readonly send: (...records: readonly (string | Uint8Array)[]) => void;
}

interface RigOptions extends Partial<ForwardOptions> {
  readonly opener?: LinkOpener;
  /** Places at which what is sent to these addresses would come back. */
  readonly ownPlaces?: ReadonlyMap<string, string>;
}

async function rig(t: { after(done: () => unknown): void }, options: RigOptions): Promise<Rig> {
  const reports: string[] = [];
  const lookup = new ManualLookup();
  const output = new ForwardOutput(
    {
      host: '127.0.0.1',
      port: null,
      iface: null,
      ttl: null,
      allAddresses: false,
      family: null,
      payloadBytes: 1024,
      timing: { lookup: { retryMs: 5, retryMaxMs: 20, refreshMs: 20 }, checkMs: 5, settleMs: 50 },
      ...options,
    },
    {
      pool: new ChunkPool(),
      report: (_severity, text) => reports.push(text),
      lookup,
      openLink: options.opener ?? openNativeLink,
      ownPlace: (to) => options.ownPlaces?.get(to.address) ?? null,
    },
  );
  t.after(() => output.close(performance.now()));
  assert.equal(await output.open(), null);
  const send = (...records: readonly (string | Uint8Array)[]): void => {
    for (const record of records) {
      const bytes = Buffer.concat([Buffer.from(record), Buffer.from('\n')]);
      if (output.queue.reserve(bytes.length)) {
        output.queue.commit(output.queue.chunk.end + bytes.copy(output.queue.chunk.bytes, output.queue.chunk.end));
        output.counters.accepted++;
      } else output.refuse(1);
    }
    output.flush();
  };
  return { output, reports, lookup, send };
}

function openSockets(): number {
  return readdirSync('/proc/self/fd').length;
}

for (const [kind, opener] of LINKS) {
  test(`${kind} link: 20,000 records arrive as one datagram each, in order, without their line end`, async (t) => {
    const receiver = await UdpReceiver.start(t);
    const { output, send } = await rig(t, { port: receiver.port, opener });
    const group = 200;
    for (let first = 0; first < 20_000; first += group) {
      send(...Array.from({ length: group }, (_, i) => `<13>t: ${first + i}`));
      await receiver.received(first + group);
    }
    assert.equal(
      receiver.messages.findIndex((message, i) => message !== `<13>t: ${i}`),
      -1,
    );
    assert.equal(receiver.messages.length, 20_000);
    assert.equal(output.counters.dropped, 0);
    assert.equal(output.label, `loghost "@127.0.0.1:${receiver.port}"`);
    assert.equal(output.state, 'open');
  });

  test(`${kind} link: IPv6 address`, async (t) => {
    const receiver = await UdpReceiver.start(t, '::1');
    const { output, send } = await rig(t, { host: '::1', port: receiver.port, opener });
    send('<13>six');
    assert.deepEqual(await receiver.received(1), ['<13>six']);
    assert.equal(output.label, `loghost "@[::1]:${receiver.port}"`);
  });

  test(`${kind} link: a longer payload is cut between two characters, counted, and told once`, async (t) => {
    const receiver = await UdpReceiver.start(t);
    const { output, reports, send } = await rig(t, { port: receiver.port, payloadBytes: 480, opener });
    send(`a${'\u00e9'.repeat(300)}`, 'x'.repeat(480), 'x'.repeat(481), Buffer.alloc(600, 0x80), 'end');
    const messages = await receiver.received(5);
    assert.deepEqual(
      messages.map((message) => message.length),
      [479, 480, 480, 480, 3],
    );
    assert.equal(Buffer.from(messages[0] ?? '', 'latin1').toString(), `a${'\u00e9'.repeat(239)}`);
    assert.equal(output.counters.cut, 3);
    assert.deepEqual(reports, [`cutting messages to ${output.label} longer than 480 bytes`]);
    await output.close(performance.now());
    assert.equal(reports.at(-1), `cut 3 messages to ${output.label}`);
  });

  test(`${kind} link: a refused port is told once, counted, tried with every record, and its end is told`, async (t) => {
    const port = await freeUdpPort();
    const { output, reports, send } = await rig(t, { port, opener });
    send('lost 1');
    await until('the refusal is told', () => reports.length > 0);
    assert.deepEqual(reports, [`cannot send to loghost "@127.0.0.1:${port}": connection refused`]);
    send('lost 2');
    await until('both are counted', () => output.counters.dropped === 2);
    const receiver = await UdpReceiver.start(t, '127.0.0.1', port);
    send('kept 1', 'kept 2');
    assert.deepEqual((await receiver.received(2)).toSorted(), ['kept 1', 'kept 2']);
    await until('its end is told', () => reports.length > 1);
    assert.deepEqual(reports.slice(1), [`dropped 2 messages to loghost "@127.0.0.1:${port}"`]);
    assert.equal(output.counters.dropped, 2);
  });

  test(`${kind} link: a name that is not resolved harms nothing; what waited is sent once it is`, async (t) => {
    const receiver = await UdpReceiver.start(t);
    const { output, reports, lookup, send } = await rig(t, { host: 'db', port: receiver.port, opener });
    await lookup.answer();
    send('<13>t: one');
    await lookup.answer();
    assert.equal(output.state, 'retrying');
    assert.deepEqual(reports, [`cannot resolve "db" for ${output.label}: unknown node or service: retrying`]);
    send('<13>t: two');
    await lookup.answer('127.0.0.1');
    assert.deepEqual(await receiver.received(2), ['<13>t: one', '<13>t: two']);
    await until('its end is told', () => reports.length > 1);
    assert.deepEqual(reports.slice(1), [`writing to ${output.label} again`]);
    assert.equal(output.state, 'open');
  });

  test(`${kind} link: a host that moves is followed; a name server that fails later changes nothing`, async (t) => {
    const before = await UdpReceiver.start(t, '127.0.0.1');
    const after = await UdpReceiver.start(t, '127.0.0.2', before.port);
    const { lookup, send } = await rig(t, { host: 'db', port: before.port, opener });
    await lookup.answer('127.0.0.1');
    send('1');
    await before.received(1);
    await lookup.answer();
    send('2');
    await before.received(2);
    await lookup.answer('127.0.0.2');
    // The portable link takes a moment to open; the record waits for it.
    send('3');
    assert.deepEqual(await after.received(1), ['3']);
    assert.deepEqual(before.messages, ['1', '2']);
  });

  test(`${kind} link: several addresses, each gets everything with -A`, async (t) => {
    const one = await UdpReceiver.start(t, '127.0.0.1');
    const two = await UdpReceiver.start(t, '127.0.0.2', one.port);
    const { lookup, send } = await rig(t, { host: 'db', port: one.port, allAddresses: true, opener });
    await lookup.answer('127.0.0.1', '127.0.0.2');
    send('a', 'b');
    assert.deepEqual(await one.received(2), ['a', 'b']);
    assert.deepEqual(await two.received(2), ['a', 'b']);
  });

  test(`${kind} link: several addresses, without -A the first that works`, async (t) => {
    const { port } = await UdpReceiver.start(t, '127.0.0.3');
    const receiver = await UdpReceiver.start(t, '127.0.0.2', port);
    const { reports, lookup, send } = await rig(t, { host: 'db', port, opener });
    // Nothing listens at 127.0.0.1: the first record is refused there and lost, the next goes to the second address.
    await lookup.answer('127.0.0.1', '127.0.0.2');
    send('lost');
    await until('the refusal is told', () => reports.length > 0);
    send('kept');
    assert.deepEqual(await receiver.received(1), ['kept']);
  });

  test(`${kind} link: an address that cannot be reached is passed over without loss`, async (t) => {
    const receiver = await UdpReceiver.start(t, '127.0.0.2');
    const { reports, output, lookup, send } = await rig(t, { host: 'db', port: receiver.port, opener });
    // The kernel refuses to connect to this one: no interface has its network.
    await lookup.answer('fe80::1', '127.0.0.2');
    send('kept');
    assert.deepEqual(await receiver.received(1), ['kept']);
    assert.deepEqual(reports, []);
    assert.equal(output.counters.dropped, 0);
  });

  test(`${kind} link: with -A an address that cannot be reached costs only itself`, async (t) => {
    const receiver = await UdpReceiver.start(t, '127.0.0.2');
    const options = { host: 'db', port: receiver.port, allAddresses: true, opener };
    const { reports, output, lookup, send } = await rig(t, options);
    await lookup.answer('fe80::1', '127.0.0.2');
    send('1', '2');
    assert.deepEqual(await receiver.received(2), ['1', '2']);
    assert.match(reports.join('\n'), /^cannot send to loghost "@db:\d+": \S.*$/);
    assert.equal(output.counters.dropped, 2);
    assert.equal(output.written(), 2);
    await output.close(performance.now());
    assert.deepEqual(reports.slice(1), [`dropped 2 messages to ${output.label} (fe80::1)`]);
  });

  test(`${kind} link: closing leaves no descriptor behind, whatever the state`, async (t) => {
    const receiver = await UdpReceiver.start(t);
    const before = openSockets();
    for (let i = 0; i < 50; i++) {
      const { output, lookup, send } = await rig(t, { host: 'db', port: receiver.port, opener });
      if (i % 2 === 0) await lookup.answer('127.0.0.1', '::1', '127.0.0.2');
      send('x');
      output.reopen();
      if (i % 3 === 0) await receiver.received(receiver.messages.length);
      await output.close(performance.now() + (i % 2 === 0 ? 1000 : 0));
    }
    await until('all sockets are closed', () => openSockets() === before);
  });
}

test('queue: what does not fit while the name is unresolved is counted; told once, and with its end', async (t) => {
  const receiver = await UdpReceiver.start(t);
  const { output, reports, lookup, send } = await rig(t, { host: 'db', port: receiver.port });
  const record = 'x'.repeat(1023);
  send(...Array.from({ length: 300 }, () => record));
  assert.equal(output.counters.accepted, 256);
  assert.equal(output.counters.dropped, 44);
  assert.equal(reports.length, 1);
  await lookup.answer('127.0.0.1');
  await until('its end is told', () => reports.length > 1);
  assert.deepEqual(reports, [
    `dropping messages to ${output.label}: its queue is full`,
    `dropped 44 messages to ${output.label}`,
  ]);
});

test('closing: what waits for a name is given up at the deadline, counted and told', async (t) => {
  const { output, reports, send } = await rig(t, { host: 'db' });
  send('1', '2', '3');
  assert.equal(await output.close(performance.now()), 3);
  assert.equal(output.state, 'closed');
  assert.deepEqual(reports.at(-1), 'dropped 3 messages to loghost "@db"');
});

test('closing: a lookup that is under way is given a moment', async (t) => {
  const receiver = await UdpReceiver.start(t);
  const { output, lookup, send } = await rig(t, { host: 'db', port: receiver.port });
  send('last words');
  const closing = output.close(performance.now() + 10_000);
  await lookup.answer('127.0.0.1');
  assert.equal(await closing, 0);
  assert.deepEqual(await receiver.received(1), ['last words']);
});

test('a network that cannot be reached: records wait, told once; sent when it is back', async (t) => {
  const receiver = await UdpReceiver.start(t);
  let down = true;
  const opener: LinkOpener = (target, done, changed) => {
    if (down) done({ ok: false, error: new SysError('connect', -101) });
    else openNativeLink(target, done, changed);
  };
  const { output, reports, send } = await rig(t, { port: receiver.port, opener });
  send('1');
  send('2');
  assert.equal(output.state, 'retrying');
  assert.deepEqual(reports, [`cannot send to loghost "@127.0.0.1:${receiver.port}": network is unreachable`]);
  down = false;
  assert.deepEqual(await receiver.received(2), ['1', '2']);
  await until('its end is told', () => reports.length > 1);
  assert.deepEqual(reports.slice(1), [`writing to ${output.label} again`]);
});

test('family: a numeric address of the other family is told, not sent to', async (t) => {
  const { reports, output } = await rig(t, { host: '::1', family: 4 });
  assert.deepEqual(reports, [
    `cannot resolve "::1" for ${output.label}: IPv6 is disabled on the command line: retrying`,
  ]);
});

/** A link of the test's own. */
class FakeLink implements UdpLink {
  readonly localAddress: string;
  readonly refusals = new Refusals();
  readonly failedCount = 0;
  readonly cutCount = 0;
  trouble: Error | 'full' | null = null;
  /** What the next calls of `send` meet; empty: success. */
  readonly troubles: (Error | 'full')[] = [];
  readonly sent: string[] = [];
  closed = false;

  constructor(localAddress: string) {
    this.localAddress = localAddress;
  }

  send(bytes: Buffer, begin: number, end: number): number {
    this.trouble = this.troubles.shift() ?? null;
    if (this.trouble !== null) return 0;
    this.sent.push(bytes.toString('latin1', begin, end));
    return end - begin;
  }

  poll(): void {}

  close(): void {
    this.closed = true;
  }
}

test('no room for datagrams: records wait, nothing is lost or told', async (t) => {
  const link = new FakeLink('192.0.2.1');
  link.troubles.push('full', 'full');
  const { output, reports, send } = await rig(t, { opener: (_target, done) => done({ ok: true, link }) });
  send('1');
  send('2');
  await until('they are sent', () => link.sent.length > 0);
  assert.deepEqual(link.sent, ['1\n2\n']);
  assert.deepEqual(reports, []);
  assert.equal(output.counters.dropped, 0);
});

test('a link that fails is opened anew with the next record, without loss', async (t) => {
  const links = [new FakeLink('192.0.2.1'), new FakeLink('192.0.2.1')] as const;
  links[0].troubles.push(new SysError('sendto', -100));
  let opened = 0;
  const opener: LinkOpener = (_target, done) => done({ ok: true, link: links[opened++ === 0 ? 0 : 1] });
  // No refresh meanwhile: it would open links too.
  const timing = { lookup: { retryMs: 5, retryMaxMs: 20, refreshMs: 1_000_000 }, checkMs: 5, settleMs: 50 };
  const { reports, output, send } = await rig(t, { opener, timing });
  send('1');
  await until('it is sent by the second', () => links[1].sent.length > 0);
  assert.deepEqual(links[1].sent, ['1\n']);
  assert.equal(links[0].closed, true);
  await until('it works again', () => output.state === 'open');
  await until('its end is told', () => reports.length > 1);
  assert.deepEqual(reports, [
    'cannot send to loghost "@127.0.0.1": network is down',
    `writing to ${output.label} again`,
  ]);
});

test('a link is left where the system would send from another address by now', async (t) => {
  const links: FakeLink[] = [];
  let address = '192.0.2.1';
  const opener: LinkOpener = (_target, done) => {
    const link = new FakeLink(address);
    links.push(link);
    done({ ok: true, link });
  };
  const { send } = await rig(t, { opener });
  send('1');
  await until('it was looked at again', () => links.length >= 3);
  assert.deepEqual(
    links.slice(0, 3).map(({ closed }) => closed),
    [false, true, true],
  );
  address = '192.0.2.2';
  await until('it is left', () => links[0]?.closed);
  send('2');
  const used = links.filter(({ sent }) => sent.length > 0).map(({ localAddress, sent }) => [localAddress, ...sent]);
  assert.deepEqual(used, [
    ['192.0.2.1', '1\n'],
    ['192.0.2.2', '2\n'],
  ]);
});

test('refusals: the first of a row counts one datagram, each further one all since', () => {
  const refusals = new Refusals();
  refusals.sinceCount = 1000;
  refusals.refused(-111);
  assert.equal(refusals.lostCount, 1);
  refusals.sinceCount = 20;
  refusals.refused(-111);
  refusals.refused(-111);
  assert.equal(refusals.lostCount, 21);
  refusals.settle();
  refusals.sinceCount = 500;
  refusals.refused(-111);
  assert.equal(refusals.lostCount, 22);
});

test('a target that is this daemon itself gets nothing, is reported once, and works when it is elsewhere', async (t) => {
  const receiver = await UdpReceiver.start(t);
  const ownPlaces = new Map([['127.0.0.1', '0.0.0.0:514']]);
  const { output, reports, lookup, send } = await rig(t, { host: 'loghost', port: receiver.port, ownPlaces });
  await lookup.answer('127.0.0.1');
  send('<13>t: one');
  await lookup.answer('127.0.0.1');
  send('<13>t: two');
  assert.equal(output.state, 'retrying');
  const name = `loghost "@loghost:${receiver.port}"`;
  const itself = 'this daemon itself listens on UDP 0.0.0.0:514';
  assert.deepEqual(reports, [`not sending to ${name}: ${itself}`]);
  assert.deepEqual(receiver.messages, []);
  ownPlaces.clear();
  await lookup.answer('127.0.0.1');
  assert.deepEqual(await receiver.received(2), ['<13>t: one', '<13>t: two']);
  await until('the end is told', () => reports.length === 2);
  assert.equal(reports[1], `writing to ${name} again`);
  assert.equal(output.counters.dropped, 0);
});

test('a target that becomes this daemon itself gets nothing more', async (t) => {
  const receiver = await UdpReceiver.start(t);
  const ownPlaces = new Map<string, string>();
  const { output, reports, send } = await rig(t, { port: receiver.port, ownPlaces });
  send('<13>t: before');
  await receiver.received(1);
  ownPlaces.set('127.0.0.1', '127.0.0.1:514');
  output.reopen();
  const many = 5000;
  send(...Array.from({ length: many }, (_, i) => `<13>t: ${i} ${'x'.repeat(100)}`));
  assert.equal(reports.length, 1, reports.join('\n'));
  const waiting = output.queue.countRecords();
  assert.ok(waiting > 0 && output.counters.dropped === many - waiting, 'what does not fit is counted');
  assert.deepEqual(receiver.messages, ['<13>t: before']);
});
