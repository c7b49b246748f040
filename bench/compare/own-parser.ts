/**
 * Parses datagrams with tsyslogd/dgram-parser, round after round, and prints nanoseconds per datagram as JSON: into
 * columns like the daemon, or into one object per datagram like the packages. Each datagram is copied into the batch,
 * as the kernel would do; nothing is left over from the last round.
 *
 * Usage: node own-parser.js columns|objects DATAGRAMS.json ROUNDS
 */
import { readFileSync } from 'node:fs';
import { appendRow, Batch, createReader, DatagramParser, NO_HOST_WORDS, ORIGIN } from '../../src/dgram-parser/index.ts';

const PASSES = 20;
const ROWS = 256;
const MESSAGE_BYTES = 8192;

const [form, datagramsFile = '', rounds] = process.argv.slice(2);
const texts: unknown = JSON.parse(readFileSync(datagramsFile, 'utf8'));
const datagrams = (Array.isArray(texts) ? texts : []).map((text) => Buffer.from(String(text)));

function columns(): () => void {
  const parser = new DatagramParser({ keepHost: true, keepKern: false, receiptTime: false }, NO_HOST_WORDS);
  const batch = new Batch(ROWS, MESSAGE_BYTES);
  batch.nowSec = Math.floor(Date.now() / 1000);
  return () => {
    for (let at = 0; at < datagrams.length; at += ROWS) {
      batch.count = 0;
      const end = Math.min(at + ROWS, datagrams.length);
      for (let i = at; i < end; i++) {
        const datagram = datagrams[i];
        if (datagram !== undefined) appendRow(batch, datagram, ORIGIN.network);
      }
      parser.parse(batch, 0, batch.count);
    }
  };
}

function objects(): () => void {
  const reader = createReader();
  let kept: unknown;
  return () => {
    for (const datagram of datagrams) kept = reader.parse(datagram);
    if (kept === undefined) throw new Error('nothing to parse');
  };
}

const pass = form === 'columns' ? columns() : objects();
for (let i = 0; i < PASSES; i++) pass();
const nanos: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < PASSES; i++) pass();
  nanos.push(Number(process.hrtime.bigint() - start) / (PASSES * datagrams.length));
}
process.stdout.write(`${JSON.stringify({ nanos })}\n`);
