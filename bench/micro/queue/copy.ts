/**
 * Micro bench of copying a record: nanoseconds per copy for the lengths of tags, hosts, stamps and lines; median of
 * interleaved rounds.
 *
 * Run: `node build/bench/micro/queue/copy.js`. Which of the first two is faster depends on the version of Node.js.
 */
import { blockOf, copyWords } from '../../../src/dgram-parser/columns/byte-block.ts';

const ROWS = 256;
const SLOT_BYTES = 8208;
const PASSES = 100;
const ROUNDS = 25;
const LENGTHS = [8, 15, 40, 110, 300, 900, 2000, 8000];

const src = blockOf(Buffer.alloc(ROWS * SLOT_BYTES, 'connection from 192.0.2.17 port 51234 accepted '));
const dst = blockOf(Buffer.alloc(ROWS * 1024));

type Copy = (begin: number, end: number, off: number) => number;

const COPIES: Readonly<Record<string, Copy>> = {
  'words of a DataView': (begin, end, off) => copyWords(src.view, begin, end, dst.view, off),
  'Buffer.copy': (begin, end, off) => off + src.bytes.copy(dst.bytes, off, begin, end),
  'byte by byte': (begin, end, off) => {
    for (let i = 0; i < end - begin; i++) dst.bytes[off + i] = src.bytes[begin + i]!;
    return off + end - begin;
  },
};

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** @returns ns per copy; lengths and alignments vary a little, as in a daemon */
function measure(copy: Copy, length: number): number {
  const start = process.hrtime.bigint();
  for (let pass = 0; pass < PASSES; pass++) {
    let at = 0;
    for (let row = 0; row < ROWS; row++) {
      const begin = row * SLOT_BYTES + 17 + (row & 3);
      at = copy(begin, begin + length + (row & 7), at > 200_000 ? 0 : at);
    }
  }
  return Number(process.hrtime.bigint() - start) / (PASSES * ROWS);
}

for (const length of LENGTHS) {
  const rounds = new Map(Object.keys(COPIES).map((name) => [name, new Array<number>()]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, copy] of Object.entries(COPIES)) rounds.get(name)?.push(measure(copy, length));
  }
  for (const [name, values] of rounds) {
    console.log(`copy  ${name.padEnd(20)} ${String(length).padStart(5)} B ${median(values).toFixed(0).padStart(5)} ns`);
  }
}
