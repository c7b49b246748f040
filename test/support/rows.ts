/**
 * Parsed rows for tests of what comes after the parser.
 */
import { appendRow, Batch, ORIGIN, type Origin } from '../../src/dgram-parser/columns/batch.ts';
import { NO_HOST_WORDS } from '../../src/dgram-parser/header/host-words.ts';
import { DatagramParser } from '../../src/dgram-parser/parser.ts';
import { fixedZone } from '../../src/protocol/calendar.ts';

/** 2024-11-20 22:14:15 UTC */
export const NOW_SEC = Date.UTC(2024, 10, 20, 22, 14, 15) / 1000;

/** @returns a batch with one parsed row for each datagram, received at `nowSec` */
export function parsedBatch(
  datagrams: readonly (string | Uint8Array)[],
  {
    origin = ORIGIN.local,
    keepHost = false,
    nowSec = NOW_SEC,
  }: { origin?: Origin; keepHost?: boolean; nowSec?: number } = {},
): Batch {
  const batch = new Batch(Math.max(1, datagrams.length), 8192);
  batch.nowSec = nowSec;
  for (const datagram of datagrams) appendRow(batch, Buffer.from(datagram), origin);
  const parser = new DatagramParser({ keepHost, keepKern: false, receiptTime: false }, NO_HOST_WORDS, fixedZone(0));
  parser.parse(batch, 0, batch.count);
  return batch;
}
