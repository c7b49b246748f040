import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotOff } from '../../../src/dgram-parser/columns/batch.ts';
import { SelfLog } from '../../../src/engine/self-log.ts';
import { SEVERITY } from '../../../src/protocol/priority.ts';

const WAITING_MAX = 1000;

for (const [excess, told] of [
  [1, '1 message'],
  [2, '2 messages'],
] as const)
  test(`own log: ${told} too many at once: dropped and told`, () => {
    const lines: string[] = [];
    const selfLog = new SelfLog(false);
    selfLog.attach((batch) => {
      for (let row = 0; row < batch.count; row++) {
        const begin = slotOff(batch, row);
        lines.push(batch.bytes.toString('latin1', begin, begin + batch.len[row]!).replace(/^.*?: /, ''));
      }
    });
    for (let i = 0; i < WAITING_MAX + excess; i++) selfLog.report(SEVERITY.info, 'x');
    selfLog.flush();
    selfLog.flush();
    assert.equal(lines.length, WAITING_MAX + 1);
    assert.equal(lines.at(-1), `dropped ${told} of its own: too many at once`);
  });
