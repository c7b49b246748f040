/**
 * The allow-list: verdicts, datagrams that wait for a name, what is told. In whole inputs: receivers.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batch } from '../../../../src/dgram-parser/columns/batch.ts';
import { AllowList } from '../../../../src/input/sender/allow-list.ts';
import { type AllowRule, parseAllowRule } from '../../../../src/input/sender/allow-rule.ts';
import { createInputCounters } from '../../../../src/input/input.ts';
import { Peers } from '../../../../src/input/sender/peers.ts';
import type { NameAnswer, ReverseLookup } from '../../../../src/input/sender/reverse-dns.ts';
import { until } from '../../../support/until.ts';

/** Answers when the test wants. */
class ManualDns implements ReverseLookup {
  readonly open = new Map<string, (answer: NameAnswer) => void>();
  free = true;

  ask(address: string, done: (answer: NameAnswer) => void): boolean {
    if (this.free) this.open.set(address, done);
    return this.free;
  }

  answer(address: string, name: string | null): void {
    const done = this.open.get(address);
    assert.ok(done, `${address} was asked for`);
    this.open.delete(address);
    done(name === null ? { kind: 'none' } : { kind: 'name', name });
  }

  close(): void {}
}

function ruleOf(text: string): AllowRule {
  const rule = parseAllowRule(text);
  assert.ok(!('what' in rule), text);
  return rule;
}

interface Rig {
  readonly list: AllowList;
  readonly dns: ManualDns;
  readonly reports: string[];
  /** `text from address` of what was delivered by the list itself. */
  readonly delivered: string[];
  readonly offer: (address: string, port: number, text?: string) => boolean;
}

function rig(t: { after(done: () => void): void }, rules: readonly string[], settleMs = 1_000_000): Rig {
  const dns = new ManualDns();
  const peers = new Peers({ hostNames: { short: 'here', full: 'here', domain: '' }, reverse: dns });
  const reports: string[] = [];
  const delivered: string[] = [];
  const batch = new Batch(4, 1024);
  const deliver = (): void => {
    for (let row = 0; row < batch.count; row++) {
      const off = row * batch.slotBytes;
      const text = batch.bytes.toString('latin1', off, off + batch.len[row]!);
      delivered.push(`${text} from ${peers.describe(batch.peer[row]!)?.address}`);
    }
  };
  const list = new AllowList({
    rules: rules.map(ruleOf),
    peers,
    batch,
    events: { deliver, report: (_severity, text) => reports.push(text) },
    settleMs,
  });
  t.after(() => list.close());
  const counters = createInputCounters();
  const offer = (address: string, port: number, text = 'text'): boolean => {
    const bytes = Buffer.from(`..${text}..`);
    return list.accepts(peers.peerOfText(address), port, bytes, 2, text.length, counters);
  };
  return { list, dns, reports, delivered, offer };
}

test('addresses: one rule that matches is enough, the port counts', (t) => {
  const { offer, list } = rig(t, ['192.0.2.0/24', '[2001:db8::]/32:*', '198.51.100.7:1514']);
  assert.equal(offer('192.0.2.200', 514), true);
  assert.equal(offer('192.0.2.200', 515), false);
  assert.equal(offer('192.0.3.1', 514), false);
  assert.equal(offer('2001:db8:1::5', 40_000), true);
  assert.equal(offer('2001:db9::5', 514), false);
  assert.equal(offer('198.51.100.7', 1514), true);
  assert.equal(offer('198.51.100.7', 514), false);
  assert.equal(offer('198.51.100.8', 1514), false);
  assert.equal(list.refusedCount, 5);
});

test('addresses: a v4-mapped sender is an IPv4 sender', (t) => {
  const { offer } = rig(t, ['192.0.2.1:*']);
  assert.equal(offer('::ffff:192.0.2.1', 1), true);
  assert.equal(offer('::ffff:192.0.2.2', 1), false);
});

test('names: datagrams are held until the name is known, and come in their order', async (t) => {
  const { offer, dns, delivered, list, reports } = rig(t, ['*.example.org:*', '192.0.2.9:*']);
  for (let i = 0; i < 6; i++) assert.equal(offer('192.0.2.1', 1000, `m${i}`), false);
  assert.equal(offer('192.0.2.9', 1000), true, 'a sender allowed by its address waits for nothing');
  assert.equal(list.heldCount, 6);
  dns.answer('192.0.2.1', 'web.example.org');
  assert.equal(offer('192.0.2.1', 1000, 'm6'), false, 'a later one does not overtake');
  await until('they are delivered', () => delivered.length === 7);
  assert.deepEqual(
    delivered,
    [0, 1, 2, 3, 4, 5, 6].map((i) => `m${i} from 192.0.2.1`),
  );
  assert.equal(offer('192.0.2.1', 1000), true);
  assert.deepEqual(reports, []);
});

test('names: no name, or another one, means refused, counted and told', async (t) => {
  const { offer, dns, delivered, list, reports } = rig(t, ['*.example.org:*']);
  offer('192.0.2.1', 1000);
  offer('192.0.2.2', 1000);
  dns.answer('192.0.2.1', null);
  dns.answer('192.0.2.2', 'web.example.net');
  await until('both are refused', () => list.refusedCount === 2);
  assert.equal(offer('192.0.2.1', 1000), false);
  assert.equal(list.heldCount, 0, 'the lack of a name is remembered');
  assert.deepEqual(delivered, []);
  assert.deepEqual(reports, ['refusing messages from UDP 192.0.2.1:1000: not allowed by -a']);
  list.close();
  assert.deepEqual(reports.slice(1), ['refused 3 messages from 192.0.2.1, 192.0.2.2']);
});

test('names: the port alone can decide, then no name is waited for', (t) => {
  const { offer, list } = rig(t, ['*.example.org']);
  assert.equal(offer('192.0.2.1', 1000), false);
  assert.equal(list.heldCount, 0);
  assert.equal(list.refusedCount, 1);
});

test('names: where too many questions are open, the sender is asked for later', async (t) => {
  const { offer, dns, delivered } = rig(t, ['*.example.org:*']);
  offer('192.0.2.1', 1, 'a');
  dns.free = false;
  offer('192.0.2.2', 1, 'b');
  dns.free = true;
  dns.answer('192.0.2.1', 'a.example.org');
  await until('the first is delivered', () => delivered.length === 1);
  dns.answer('192.0.2.2', 'b.example.org');
  await until('the second is delivered', () => delivered.length === 2);
  assert.deepEqual(delivered, ['a from 192.0.2.1', 'b from 192.0.2.2']);
});

test('names: what is held is bounded in bytes, and refused at the end', (t) => {
  const { offer, list, reports } = rig(t, ['*.example.org:*']);
  const text = 'x'.repeat(896);
  for (let i = 0; i < 300; i++) offer('192.0.2.1', 1, text);
  assert.equal(list.heldCount, 256);
  assert.equal(list.refusedCount, 44);
  list.close();
  assert.equal(list.refusedCount, 300);
  assert.equal(reports.at(-1), 'refused 300 messages from 192.0.2.1');
});

test('a flood from many senders is two lines, with the first senders and the number', async (t) => {
  const { offer, reports } = rig(t, ['192.0.2.1'], 10);
  for (let i = 0; i < 1000; i++) offer(`198.51.100.${i % 250}`, 514);
  await until('its end is told', () => reports.length === 2);
  assert.deepEqual(reports, [
    'refusing messages from UDP 198.51.100.0:514: not allowed by -a',
    'refused 1000 messages from 198.51.100.0, 198.51.100.1, 198.51.100.2 and others',
  ]);
  offer('2001:db8::1', 514);
  assert.equal(reports.at(-1), 'refusing messages from UDP [2001:db8::1]:514: not allowed by -a');
});
