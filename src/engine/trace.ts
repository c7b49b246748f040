/**
 * Debug output: one line on stderr for each message, how it was parsed and where it goes.
 */
import { type Batch, F_CUT, F_MSG_HOST, F_NO_PRI, F_PARSE_FAILED, F_RFC5424 } from '../dgram-parser/columns/batch.ts';
import { FACILITY_NAMES, SEVERITY_NAMES } from '../protocol/priority.ts';
import type { Destination } from './outputs/destination.ts';

const SHOWN_BYTES = 200;

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [F_NO_PRI, 'no PRI'],
  [F_RFC5424, 'RFC 5424'],
  [F_PARSE_FAILED, 'malformed RFC 5424'],
  [F_CUT, 'cut'],
  [F_MSG_HOST, 'host from message'],
];

/** @returns the line, without its newline. Text is quoted, so that it cannot control a terminal. */
export function describeRow(batch: Batch, row: number, destinations: readonly Destination[]): string {
  const text = (off: number, len: number): string =>
    JSON.stringify(batch.bytes.toString('latin1', off, off + Math.min(len, SHOWN_BYTES)));
  const pri = batch.pri[row]!;
  const name = `${FACILITY_NAMES[Math.floor(pri / 8)] ?? '?'}.${SEVERITY_NAMES[pri % 8] ?? '?'}`;
  const flags = FLAG_NAMES.filter(([bit]) => (batch.flags[row]! & bit) !== 0).map(([, label]) => label);
  const to = destinations.map((destination) => destination.output.label).join(', ');
  return [
    `debug: ${batch.len[row]!} bytes, ${name}`,
    `host ${text(batch.hostOff[row]!, batch.hostLen[row]!)}`,
    `tag ${text(batch.tagOff[row]!, batch.tagLen[row]!)}`,
    `pid ${text(batch.pidOff[row]!, batch.pidLen[row]!)}`,
    `text ${text(batch.textOff[row]!, batch.endOff[row]! - batch.textOff[row]!)}`,
    `flags [${flags.join(', ')}]`,
    `to ${to === '' ? 'nothing' : to}`,
  ].join(', ');
}
