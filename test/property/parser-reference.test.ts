/**
 * The parser and the formats against a slow reference, see test/reference. PARSER_SEED repeats a run that failed;
 * `npm run test:nightly` does the same for some million datagrams.
 */
import { test } from 'node:test';
import { compareWithReference } from '../reference/compare.ts';

const COUNT = 100_000;

test('parser and formats: agree with the reference on the tables and on 100,000 mutated datagrams', (t) => {
  const seed = Number(process.env['PARSER_SEED'] ?? Math.floor(Math.random() * 0xffffffff));
  t.diagnostic(`seed ${seed}`);
  compareWithReference(seed, COUNT);
});
