import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddressWords, parseAddressWords } from '../../../../src/input/sender/address-words.ts';
import { PeerTable } from '../../../../src/input/sender/peer-table.ts';
import { Peers } from '../../../../src/input/sender/peers.ts';
import type { NameAnswer, ReverseLookup } from '../../../../src/input/sender/reverse-dns.ts';

const HOST_NAMES = { short: 'Here', full: 'here.example.org', domain: 'example.org' };

/** Keeps the questions until the test answers them. */
class Answers implements ReverseLookup {
  readonly asked: string[] = [];
  readonly open: ((answer: NameAnswer) => void)[] = [];
  full = false;
  closed = false;

  ask(address: string, done: (answer: NameAnswer) => void): boolean {
    if (this.full) return false;
    this.asked.push(address);
    this.open.push(done);
    return true;
  }

  /** @param name null: there is none; undefined: nobody can say */
  answer(name: string | null | undefined): void {
    if (name === undefined) this.open.shift()?.({ kind: 'unavailable' });
    else this.open.shift()?.(name === null ? { kind: 'none' } : { kind: 'name', name });
  }

  close(): void {
    this.closed = true;
  }
}

function label(peers: Peers, peer: number): string {
  return Buffer.from(peers.label(peer)).toString();
}

function isPeer(peers: Peers, peer: number, word: string): boolean {
  return peers.isPeer(peer, Buffer.from(`<${word}>`), 1, Buffer.byteLength(word));
}

function v4(address: string): number {
  const words = new Int32Array(4);
  assert.ok(parseAddressWords(address, words));
  return words[3] ?? 0;
}

for (const address of [
  '192.0.2.1',
  '::',
  '::1',
  '2001:db8::1',
  'fe80::1:2:3:4',
  '1:2:3:4:5:6:7:8',
  '255.255.255.255',
]) {
  test(`address words of "${address}" come back as the same text`, () => {
    const words = new Int32Array(4);
    assert.ok(parseAddressWords(address, words));
    assert.equal(formatAddressWords(words), address);
  });
}

test('address words of a v4-mapped address are those of the IPv4 address, a scope is left out', () => {
  const words = new Int32Array(4);
  assert.ok(parseAddressWords('::ffff:192.0.2.1', words));
  assert.equal(formatAddressWords(words), '192.0.2.1');
  assert.ok(parseAddressWords('fe80::1%eth0', words));
  assert.equal(formatAddressWords(words), 'fe80::1');
});

for (const text of [
  '',
  '1.2.3',
  '1.2.3.256',
  '1:2:3',
  '1::2::3',
  '12345::',
  'localhost',
  '1:2:3:4:5:6:7:8:9',
  '::1.2.3',
]) {
  test(`parseAddressWords refuses "${text}"`, () => {
    assert.equal(parseAddressWords(text, new Int32Array(4)), false);
  });
}

test('one address has one number, whichever way it came; number 0 names nobody', () => {
  const peers = new Peers({ hostNames: HOST_NAMES, reverse: null });
  const first = peers.peerOfV4(v4('192.0.2.1'));
  assert.equal(peers.peerOfText('192.0.2.1'), first);
  assert.equal(peers.peerOfText('::ffff:192.0.2.1'), first);
  assert.equal(peers.peerOfV6(0, 0, -65_536, v4('192.0.2.1')), first);
  assert.notEqual(peers.peerOfText('192.0.2.2'), first);
  assert.notEqual(first, 0);
  assert.equal(peers.peerOfText('nonsense'), 0);
  assert.equal(peers.describe(0), null);
  assert.equal(peers.count, 2);
});

test('a label is the address until the name server has answered, then the name without the local domain', () => {
  const reverse = new Answers();
  const peers = new Peers({ hostNames: HOST_NAMES, reverse });
  const near = peers.peerOfText('192.0.2.1');
  const far = peers.peerOfText('2001:db8::1');
  assert.equal(peers.peerOfText('192.0.2.1'), near);
  assert.deepEqual(reverse.asked, ['192.0.2.1', '2001:db8::1'], 'asked once');
  assert.deepEqual([label(peers, near), label(peers, far)], ['192.0.2.1', '2001:db8::1']);
  reverse.answer('web1.example.org');
  reverse.answer('db.example.net');
  assert.deepEqual([label(peers, near), label(peers, far)], ['web1', 'db.example.net']);
  assert.deepEqual(peers.describe(near), { address: '192.0.2.1', name: 'web1.example.org' });
});

test('isPeer knows address, short and full name in any case, and nothing else', () => {
  const reverse = new Answers();
  const peers = new Peers({ hostNames: HOST_NAMES, reverse });
  const peer = peers.peerOfText('192.0.2.1');
  reverse.answer('web1.sub.example.org');
  for (const word of ['192.0.2.1', 'web1', 'WEB1', 'web1.sub', 'Web1.Sub.Example.Org'])
    assert.ok(isPeer(peers, peer, word), word);
  for (const word of ['192.0.2.10', 'web', 'web11', 'sub.example.org', '']) assert.ok(!isPeer(peers, peer, word), word);
  assert.ok(!isPeer(peers, 0, 'web1'));
});

test('isLocalHost knows the short and the full name in any case', () => {
  const peers = new Peers({ hostNames: HOST_NAMES, reverse: null });
  const is = (word: string): boolean => peers.isLocalHost(Buffer.from(word), 0, word.length);
  assert.deepEqual(['here', 'HERE.example.ORG', 'here.example', 'localhost'].map(is), [true, true, false, false]);
});

test('answers and failures are asked for again after their time, and a known name outlives a name server', () => {
  const reverse = new Answers();
  let nowMs = 1_000_000;
  const peers = new Peers({ hostNames: HOST_NAMES, reverse, now: () => nowMs });
  const peer = peers.peerOfText('192.0.2.1');
  const askedAfter = (passedMs: number): number => {
    nowMs += passedMs;
    peers.peerOfText('192.0.2.1');
    return reverse.asked.length;
  };
  reverse.answer(undefined);
  assert.equal(askedAfter(59_000), 1, 'who could not say is not asked at once');
  assert.equal(askedAfter(2000), 2);
  reverse.answer(null);
  assert.equal(askedAfter(299_000), 2, 'the lack of a name is believed longer');
  assert.equal(askedAfter(2000), 3);
  reverse.answer('web1.example.net');
  assert.equal(askedAfter(3_599_000), 3, 'a name longest');
  assert.equal(askedAfter(2000), 4);
  reverse.answer(undefined);
  assert.equal(label(peers, peer), 'web1.example.net');
  assert.equal(peers.nameOf(peer), 'web1.example.net');
  assert.equal(askedAfter(61_000), 5);
  reverse.answer(null);
  assert.equal(label(peers, peer), '192.0.2.1', 'a name that is taken back is gone');
  assert.ok(!isPeer(peers, peer, 'web1'));
});

test('an answer may come after the question was given up', () => {
  const reverse = new Answers();
  const peers = new Peers({ hostNames: HOST_NAMES, reverse });
  let answers = 0;
  peers.onAnswer = () => answers++;
  const peer = peers.peerOfText('192.0.2.1');
  const [done] = reverse.open;
  done?.({ kind: 'unavailable' });
  done?.({ kind: 'name', name: 'web1.example.net' });
  assert.equal(label(peers, peer), 'web1.example.net');
  assert.equal(answers, 2);
});

for (const name of ['here', 'here.example.org', 'localhost', 'localhost.example.org', 'ip6-loopback']) {
  test(`no other machine is "${name}"`, () => {
    const reverse = new Answers();
    const peers = new Peers({ hostNames: HOST_NAMES, reverse, isOwn: (address) => address === '192.0.2.9' });
    const [stranger, own] = [peers.peerOfText('192.0.2.1'), peers.peerOfText('192.0.2.9')];
    reverse.answer(name);
    reverse.answer(name);
    assert.equal(label(peers, stranger), '192.0.2.1');
    assert.equal(peers.nameOf(stranger), null, 'no rule by name allows it');
    assert.ok(!isPeer(peers, stranger, name));
    assert.equal(label(peers, own), name.replace('.example.org', ''));
  });
}

test('a sender whose name becomes that of this machine loses it; labels follow the local domain', () => {
  const reverse = new Answers();
  const peers = new Peers({ hostNames: HOST_NAMES, reverse, isOwn: () => false });
  const [one, two] = [peers.peerOfText('192.0.2.1'), peers.peerOfText('192.0.2.2')];
  reverse.answer('web1.example.net');
  reverse.answer('web2.example.net');
  peers.renameLocal({ short: 'web1', full: 'web1.example.net', domain: 'example.net' });
  assert.deepEqual([label(peers, one), label(peers, two)], ['192.0.2.1', 'web2']);
});

test('while too many questions are open the next message asks again', () => {
  const reverse = new Answers();
  const peers = new Peers({ hostNames: HOST_NAMES, reverse });
  reverse.full = true;
  peers.peerOfText('192.0.2.1');
  reverse.full = false;
  peers.peerOfText('192.0.2.1');
  assert.deepEqual(reverse.asked, ['192.0.2.1']);
});

test('senders from invented addresses do not grow the table, and who sends on keeps its number', () => {
  const peers = new Peers({ hostNames: HOST_NAMES, reverse: null, maxPeers: 64 });
  const silent = peers.peerOfText('198.51.100.7');
  const active = peers.peerOfText('192.0.2.1');
  const numbers = new Set([silent, active]);
  for (let i = 0; i < 10_000; i++) {
    numbers.add(peers.peerOfV6(1, 2, 3, i));
    assert.equal(peers.peerOfText('192.0.2.1'), active);
  }
  assert.equal(peers.count, 64);
  assert.equal(numbers.size, 10_002, 'no number is given twice');
  assert.equal(label(peers, silent), 'unknown');
  assert.notEqual(peers.peerOfText('198.51.100.7'), silent);
  assert.equal(label(peers, active), '192.0.2.1');
});

test('the table finds every address that it holds, whatever was pushed out before', () => {
  const table = new PeerTable(16, 12_345, (number, words) => ({ number, words }));
  const held: number[] = [];
  for (let round = 0; round < 500; round++) {
    const address = (round * 7919) % 61;
    const { number } = table.find(0, 0, 0, address);
    held[address] = number;
    for (let other = 0; other < 61; other++) {
      const slot = table.get(held[other] ?? -1);
      if (slot !== undefined) assert.equal(slot.words[3], other);
    }
    assert.equal(table.find(0, 0, 0, address).number, number);
  }
  assert.equal(table.count, 16);
});

test('close ends the questions', () => {
  const reverse = new Answers();
  new Peers({ hostNames: HOST_NAMES, reverse }).close();
  assert.ok(reverse.closed);
});
