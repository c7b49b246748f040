import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendRow, Batch, F_CUT, ORIGIN, slotOff } from '../../../../src/dgram-parser/columns/batch.ts';
import {
  countReturnable,
  type ReturnedBatch,
  returnRows,
  takeReturned,
} from '../../../../src/engine/inputs/returned-rows.ts';
import { Peers } from '../../../../src/input/sender/peers.ts';

function newPeers(): Peers {
  return new Peers({ hostNames: { short: 'a', full: 'a.b', domain: 'b' }, reverse: null });
}

/** As the other process gets it. */
function sent(batch: ReturnedBatch): ReturnedBatch {
  return structuredClone(batch);
}

interface Seen {
  readonly bytes: string;
  readonly cut: boolean;
  readonly origin: number;
  readonly sender: string | undefined;
  readonly pid: number;
  readonly time: string;
}

function seen(batch: Batch, peers: Peers): Seen[] {
  return Array.from({ length: batch.count }, (_, row) => {
    const begin = slotOff(batch, row);
    return {
      bytes: batch.bytes.toString('latin1', begin, begin + batch.len[row]!),
      cut: (batch.flags[row]! & F_CUT) !== 0,
      origin: batch.origin[row]!,
      sender: peers.describe(batch.peer[row]!)?.address,
      pid: batch.credPid[row]!,
      time: `${batch.nowSec}.${batch.nowUsec}`,
    };
  });
}

test('returned rows: bytes, sender, credentials and time are those of the first process; the kernel is left out', () => {
  const [giving, taking] = [newPeers(), newPeers()];
  // The numbers of senders differ.
  taking.peerOfText('192.0.2.77');
  const batch = new Batch(4, 480);
  batch.nowSec = 1000;
  batch.nowUsec = 7;
  appendRow(batch, Buffer.from('<13>t: \xff\0\n', 'latin1'), ORIGIN.local);
  batch.credPid[0] = 42;
  appendRow(batch, Buffer.from('<6>kernel: x'), ORIGIN.kernel);
  batch.peer[appendRow(batch, Buffer.alloc(600, 'x'), ORIGIN.network)] = giving.peerOfText('2001:db8::1');
  batch.peer[appendRow(batch, Buffer.from(''), ORIGIN.network)] = 0;
  assert.equal(countReturnable(batch), 3);
  const expected = seen(batch, giving).filter(({ origin }) => origin !== ORIGIN.kernel);
  const found: Seen[] = [];
  const other = new Batch(2, 480);
  takeReturned(sent(returnRows(batch, giving)), other, taking, (filled) => found.push(...seen(filled, taking)));
  assert.deepEqual(found, expected);
  assert.equal(other.count, 0);
});

test('returned rows: where messages may be shorter by now they are cut', () => {
  const peers = newPeers();
  const batch = new Batch(1, 600);
  appendRow(batch, Buffer.alloc(600, 'x'), ORIGIN.local);
  const found: Seen[] = [];
  takeReturned(returnRows(batch, peers), new Batch(1, 480), peers, (filled) => found.push(...seen(filled, peers)));
  assert.deepEqual([found[0]?.bytes.length, found[0]?.cut], [480, true]);
});
