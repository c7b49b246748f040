/**
 * The long comparison of parser and formats with their reference, see test/reference: `npm run test:nightly`.
 *
 * Options: `--count N` datagrams (default 10,000,000), `--seed S`. Prints the seed and, every ten seconds, how far it
 * is; ends with 1 at the first difference, which names seed and datagram.
 */
import { parseArgs } from 'node:util';
import { compareWithReference } from '../reference/compare.ts';

const DEFAULT_COUNT = '10000000';
const PROGRESS_MS = 10_000;

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? DEFAULT_COUNT);
const seed = Number(values.seed ?? Math.floor(Math.random() * 0xffffffff));
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) throw new RangeError('expected whole numbers');

const startMs = performance.now();
let toldMs = startMs;
process.stdout.write(`parser and formats against the reference: ${count} datagrams, --seed ${seed}\n`);
compareWithReference(seed, count, (done) => {
  const nowMs = performance.now();
  if (nowMs - toldMs < PROGRESS_MS) return;
  toldMs = nowMs;
  process.stdout.write(`${done} compared in ${Math.round((nowMs - startMs) / 1000)} s\n`);
});
process.stdout.write(
  `${count} datagrams agree, ${Math.round((performance.now() - startMs) / 1000)} s, --seed ${seed}\n`,
);
