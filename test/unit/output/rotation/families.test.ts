import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileFamilies } from '../../../../src/output/rotation/families.ts';

test('families: who rotates a file calls all others that have it open, nobody else, and nobody who has left', () => {
  const families = new FileFamilies();
  const called: string[] = [];
  const member = (name: string): { replaced: () => void } => ({ replaced: () => called.push(name) });
  const [first, second, third, stranger] = [member('first'), member('second'), member('third'), member('stranger')];
  for (const each of [first, second, third]) families.join('/f', each);
  families.join('/other', stranger);
  families.replacedBy('/f', second);
  assert.deepEqual(called, ['first', 'third']);
  families.leave('/f', first);
  families.leave('/f', first);
  families.leave('/f', stranger);
  families.replacedBy('/f', second);
  assert.deepEqual(called, ['first', 'third', 'third']);
  for (const each of [second, third]) families.leave('/f', each);
  families.replacedBy('/f', second);
  assert.equal(called.length, 3);
});
