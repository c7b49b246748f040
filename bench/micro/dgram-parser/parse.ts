/**
 * Micro bench of the datagram parser: nanoseconds per message for typical datagrams, median of rounds.
 *
 * Run: `node build/bench/micro/dgram-parser/parse.js [name]`. Trust ratios within one run, not digits. In real use the kernel writes
 * a datagram before each parse; here the bytes stay, so only rows that parsing does not move are used.
 */
import { Batch, DatagramParser, NO_HOST_WORDS, ORIGIN, appendRow, sanitize } from '../../../src/dgram-parser/index.ts';

const ROWS = 256;
const PASSES = 400;
const ROUNDS = 15;
/** 2024-11-21 12:00 UTC */
const NOW_SEC = 1_732_190_400;
const TEXT = 'connection from 192.0.2.17 port 51234 accepted for user alice, session 4711 opened on pts/3';

/** `%S` makes stamps differ from row to row: the parser cannot reuse the last one. */
const CASES: ReadonlyArray<readonly [name: string, origin: 0 | 1, datagram: string]> = [
  ['local, tag and pid', ORIGIN.local, `<13>Nov 20 22:14:15 tag[123]: ${TEXT}`],
  ['local, stamp changes', ORIGIN.local, `<13>Nov 20 22:14:%S tag[123]: ${TEXT}`],
  ['network, host and tag', ORIGIN.network, `<13>Nov 20 22:14:15 web01.example.org sshd[123]: ${TEXT}`],
  ['RFC 5424, one SD element', ORIGIN.network, `<13>1 2024-11-20T22:14:15.003Z web01 app 123 ID1 [a@1 x="1"] ${TEXT}`],
  ['network, UTF-8 text', ORIGIN.network, `<13>Nov 20 22:14:15 web01 app: café ✓ ${TEXT}`],
  ['text only, no time', ORIGIN.local, `<13>${TEXT} ${TEXT}`],
];

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function fill(datagram: string, origin: 0 | 1): Batch {
  const batch = new Batch(ROWS, 8192);
  batch.nowSec = NOW_SEC;
  for (let row = 0; row < ROWS; row++) {
    appendRow(batch, Buffer.from(datagram.replace('%S', String(row % 60).padStart(2, '0'))), origin);
  }
  return batch;
}

/** @returns ns per message. */
function measure(run: () => void): number {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let pass = 0; pass < PASSES; pass++) run();
    rounds.push(Number(process.hrtime.bigint() - start) / (PASSES * ROWS));
  }
  return median(rounds);
}

const parser = new DatagramParser({ keepHost: false, keepKern: false, receiptTime: false }, NO_HOST_WORDS);
const batches = CASES.map(([, origin, datagram]) => fill(datagram, origin));
// All shapes are seen before any is timed, as in a daemon: V8 would specialize for a single one.
for (let pass = 0; pass < PASSES; pass++) for (const batch of batches) parser.parse(batch, 0, ROWS);

const only = process.argv[2];
for (const [i, [name]] of CASES.entries()) {
  const batch = batches[i];
  if (batch === undefined || (only !== undefined && !name.includes(only))) continue;
  const ns = measure(() => parser.parse(batch, 0, ROWS));
  console.log(`parse     ${name.padEnd(26)} ${String(batch.len[0]).padStart(4)} B ${ns.toFixed(0).padStart(5)} ns`);
}

const dst = Buffer.alloc(4096);
for (const [name, text] of [
  ['ASCII', TEXT],
  ['UTF-8', `${TEXT.slice(0, 60)} Grüße aus Köln, ✓ ok`],
  ['controls', `${TEXT.slice(0, 60)}\n\x1b[31mred\x1b[0m\n`],
] as const) {
  const src = Buffer.from(text);
  const ns = measure(() => {
    for (let i = 0; i < ROWS; i++) sanitize(src, 0, src.length, dst, 0, false);
  });
  console.log(`sanitize  ${name.padEnd(26)} ${String(src.length).padStart(4)} B ${ns.toFixed(0).padStart(5)} ns`);
}
