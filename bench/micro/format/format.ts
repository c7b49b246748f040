/**
 * Micro bench of the formats: nanoseconds per record, bound and write, for typical messages of 120 bytes; median
 * of rounds.
 *
 * Run: `node build/bench/micro/format/format.js [name]`. Trust ratios within one run, not digits. Seconds change every
 * 16 rows, microseconds with every row, as under load.
 */
import { appendRow, Batch, F_MSG_HOST, ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { blockOf } from '../../../src/dgram-parser/columns/byte-block.ts';
import { DatagramParser, NO_HOST_WORDS } from '../../../src/dgram-parser/index.ts';
import { createFormat, type FormatKind, type FormatName } from '../../../src/format/create-format.ts';
import type { HostLabel, RecordFormat } from '../../../src/format/record-format.ts';

const ROWS = 256;
const PASSES = 200;
const ROUNDS = 15;
/** 2024-11-21 12:00 UTC */
const NOW_SEC = 1_732_190_400;
const TEXT = 'connection from 192.0.2.17 port 51234 accepted for user alice, session 4711';

const FORMATS: readonly (readonly [FormatKind, FormatName])[] = [
  ['line', 'default'],
  ['line', 'iso'],
  ['line', 'rfc5424'],
  ['line', 'json'],
  ['forward', 'default'],
  ['forward', 'rfc3164'],
  ['forward', 'rfc5424'],
];

const MESSAGES: readonly (readonly [name: string, datagram: string])[] = [
  ['traditional', `<13>Nov 20 22:14:15 web01.example.org sshd[4242]: ${TEXT}`],
  ['RFC 5424', `<13>1 2024-11-20T22:14:15.003Z web01 app 123 ID1 - ${TEXT}`],
  ['RFC 5424, one SD element', `<13>1 2024-11-20T22:14:15.003Z web01 app 123 ID1 [a@1 x="1"] ${TEXT}`],
  ['UTF-8 text', `<13>Nov 20 22:14:15 web01 app: caf\u{e9} \u{2713} ${TEXT}`],
  ['text with quotes', `<13>Nov 20 22:14:15 web01 app: "caf\\e" ${TEXT}`],
];

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function fill(datagram: string): Batch {
  const batch = new Batch(ROWS, 1024);
  batch.nowSec = NOW_SEC;
  for (let row = 0; row < ROWS; row++) appendRow(batch, Buffer.from(datagram), ORIGIN.network);
  const parser = new DatagramParser({ keepHost: true, keepKern: true, receiptTime: false }, NO_HOST_WORDS);
  parser.parse(batch, 0, ROWS);
  for (let row = 0; row < ROWS; row++) {
    batch.timeSec[row] = NOW_SEC + (row >> 4);
    batch.timeUsec[row] = row * 3907;
  }
  return batch;
}

const dst = blockOf(Buffer.alloc(1024 * 1024));
const host: HostLabel = { bytes: Buffer.alloc(0), off: 0, len: 0 };

/** Formats a batch as a destination does. @returns bytes written, so that nothing is optimized away */
function formatAll(format: RecordFormat, batch: Batch): number {
  let at = 0;
  for (let row = 0; row < ROWS; row++) {
    if ((batch.flags[row]! & F_MSG_HOST) === 0) throw new Error('no host');
    host.bytes = batch.bytes;
    host.off = batch.hostOff[row]!;
    host.len = batch.hostLen[row]!;
    if (at + format.bound(batch, row, host) > dst.bytes.length) at = 0;
    at = format.write(batch, row, host, dst, at, false);
  }
  return at;
}

const batches = MESSAGES.map(([name, datagram]) => ({ name, batch: fill(datagram) }));
const peers = { address: () => '192.0.2.17' };
const formats = FORMATS.map(([kind, name]) => ({
  label: `${kind} ${name}`,
  format: createFormat(kind, name, { keep8bit: false, peers }),
}));
// All formats and shapes are seen before any is timed, as in a daemon.
for (let pass = 0; pass < PASSES; pass++) {
  for (const { format } of formats) for (const { batch } of batches) formatAll(format, batch);
}

const only = process.argv[2];
for (const { label, format } of formats) {
  if (only !== undefined && !label.includes(only)) continue;
  for (const { name, batch } of batches) {
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = process.hrtime.bigint();
      for (let pass = 0; pass < PASSES; pass++) formatAll(format, batch);
      rounds.push(Number(process.hrtime.bigint() - start) / (PASSES * ROWS));
    }
    console.log(
      `${label.padEnd(16)} ${name.padEnd(25)} ${String(batch.len[0]).padStart(4)} B ${median(rounds).toFixed(0).padStart(5)} ns`,
    );
  }
}
