import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MessageQueue } from '../../../src/client/send/message-queue.ts';

function first(queue: MessageQueue): string {
  return queue.bytes.toString('latin1', queue.firstOff, queue.firstOff + queue.firstLen);
}

test('whatever is pushed comes out in order, whole, with a NUL behind it', () => {
  const step = fc.oneof(fc.constant(null), fc.nat(3000), fc.constant(12_000));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.constantFrom(0, 9, 5000, 16_384, 50_000), (steps, bound) => {
      const queue = new MessageQueue(bound);
      const model: string[] = [];
      let used = 0;
      let largest = 0;
      for (const [number, len] of steps.entries()) {
        if (len === null) {
          if (model.length === 0) continue;
          assert.equal(first(queue), model[0]);
          assert.equal(queue.bytes[queue.firstOff + queue.firstLen], 0);
          queue.shift();
          used -= (model.shift()?.length ?? 0) + 9;
        } else {
          const text = String(number % 10).repeat(len);
          const isTaken = queue.push(Buffer.from(text), len, 0);
          assert.ok(!isTaken || used + len + 9 <= bound, 'the bound holds');
          largest = Math.max(largest, len + 9);
          // Two pieces of free room at most: one smaller than the message, one smaller than what did not fit there.
          assert.ok(isTaken || used + len + 9 + largest > bound, 'what fits is taken');
          if (!isTaken) continue;
          model.push(text);
          used += len + 9;
        }
        assert.equal(queue.count, model.length);
      }
      for (const text of model) {
        assert.equal(first(queue), text);
        queue.shift();
      }
      assert.equal(queue.count, 0);
    }),
    { numRuns: 300 },
  );
});

test('tag and text are shown once', () => {
  const queue = new MessageQueue(1000);
  queue.push(Buffer.from('<13>now tag: text'), 17, 8);
  queue.push(Buffer.from('<13>now tag: shown'), 18, -1);
  assert.equal(queue.takeShown()?.toString(), 'tag: text');
  assert.equal(queue.takeShown(), null);
  queue.shift();
  assert.equal(queue.takeShown(), null);
});
