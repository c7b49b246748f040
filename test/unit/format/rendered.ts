/**
 * Writes rows with any format, and holds every record to its bound and to the bytes around it.
 */
import assert from 'node:assert/strict';
import { appendRow, Batch, F_MSG_HOST, ORIGIN, type Origin } from '../../../src/dgram-parser/columns/batch.ts';
import { blockOf } from '../../../src/dgram-parser/columns/byte-block.ts';
import { DatagramParser } from '../../../src/dgram-parser/parser.ts';
import { createFormat, type FormatKind } from '../../../src/format/create-format.ts';
import type { HostLabel, RecordFormat } from '../../../src/format/record-format.ts';
import type { FormatName } from '../../../src/conf/config.ts';
import { CASE_HOSTS, CASE_NOW_SEC, CASE_NOW_USEC, CASE_PEER, CASE_ZONE } from '../../cases/datagram-case.ts';

const MESSAGE_BYTES = 65_536;
const GUARD = 0xee;

/** The sender of rows from the network, and this machine. */
export const PEERS = { address: (peer: number) => (peer === CASE_PEER ? '192.0.2.7' : null) };
const LABELS = { network: Buffer.from('peer1'), local: Buffer.from('thishost') };

/** All formats that a rule can ask for, by kind and name. */
export const ALL_FORMATS: readonly (readonly [FormatKind, FormatName])[] = [
  ['line', 'default'],
  ['line', 'rfc5424'],
  ['line', 'iso'],
  ['line', 'json'],
  ['forward', 'default'],
  ['forward', 'rfc3164'],
  ['forward', 'rfc5424'],
];

export interface Received {
  readonly origin?: Origin;
  /** `-H`; true. */
  readonly keepHost?: boolean;
  /** Longest message of a batch. */
  readonly messageBytes?: number;
}

/** @returns a batch with one row, parsed as the tables of datagrams say. */
export function receive(datagram: string | Uint8Array, how: Received = {}): Batch {
  const { origin = ORIGIN.network, keepHost = true, messageBytes = MESSAGE_BYTES } = how;
  const batch = new Batch(1, messageBytes);
  batch.nowSec = CASE_NOW_SEC;
  batch.nowUsec = CASE_NOW_USEC;
  appendRow(batch, Buffer.from(datagram), origin);
  batch.peer[0] = origin === ORIGIN.network ? CASE_PEER : 0;
  // `kern` of foreign messages stays: what is read back is compared with what was sent.
  new DatagramParser({ keepHost, keepKern: true, receiptTime: false }, CASE_HOSTS, CASE_ZONE).parse(batch, 0, 1);
  return batch;
}

/** The host that the daemon would write row 0 with. */
export function hostOf(batch: Batch): HostLabel {
  if ((batch.flags[0]! & F_MSG_HOST) !== 0) {
    return { bytes: batch.bytes, off: batch.hostOff[0]!, len: batch.hostLen[0]! };
  }
  const bytes = batch.origin[0] === ORIGIN.network ? LABELS.network : LABELS.local;
  return { bytes, off: 0, len: bytes.length };
}

/** @returns the record of row 0, its line end included. */
export function render(format: RecordFormat, batch: Batch, crlf = false, host = hostOf(batch)): Buffer {
  const bound = format.bound(batch, 0, host);
  const dst = Buffer.alloc(bound + 16, GUARD);
  const end = format.write(batch, 0, host, blockOf(dst), 8, crlf);
  assert.ok(end - 8 <= bound, `${end - 8} bytes stay within the bound ${bound}`);
  assert.ok(
    dst.subarray(0, 8).every((byte) => byte === GUARD),
    'nothing is written before the record',
  );
  assert.ok(
    dst.subarray(end).every((byte) => byte === GUARD),
    'nothing is written behind the record',
  );
  return dst.subarray(8, end);
}

export function newFormat(kind: FormatKind, name: FormatName, keep8bit = false): RecordFormat {
  return createFormat(kind, name, { keep8bit, peers: PEERS });
}
