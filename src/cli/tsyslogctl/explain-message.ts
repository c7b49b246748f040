/**
 * The message for `explain`, made into a row as in the daemon: the datagram that a client would send, run through the
 * daemon's own parser.
 */
import { nearestWord } from '../../conf/words/suggest.ts';
import { HostLabels } from '../../engine/outputs/host-labels.ts';
import { readMachineZone } from '../../engine/settings/machine-zone.ts';
import type { DaemonSettings } from '../../engine/settings/settings.ts';
import { appendRow, Batch, ORIGIN, type Origin } from '../../dgram-parser/columns/batch.ts';
import { DatagramParser } from '../../dgram-parser/parser.ts';
import { wallDate } from '../../protocol/calendar.ts';
import { Peers } from '../../input/sender/peers.ts';
import { type ReverseLookup, safePeerName } from '../../input/sender/reverse-dns.ts';
import {
  FACILITY,
  FACILITY_ALIASES,
  PRI_DEFAULT,
  PRI_MAX,
  SEVERITY,
  SEVERITY_ALIASES,
  SEVERITY_COUNT,
} from '../../protocol/priority.ts';
import { readHostNames } from '../../sys/machine/host.ts';
import { UsageError } from '../command-line/usage-error.ts';

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Where the message comes from; `mark`: a mark of the daemon. */
export type From = 'local' | 'network' | 'kernel' | 'mark';

/** A message described by options. */
export interface AskedMessage {
  readonly from: From;
  /** Null: the text is a whole datagram. */
  readonly pri: number | null;
  /** As before the colon, with its pid; null: none. */
  readonly tag: string | null;
  /** Null: this machine, or some machine on the network. */
  readonly host: string | null;
  readonly text: Buffer;
}

/** One row and its context. */
export interface AskedRow {
  /** Its UTC fields show the wall clock time. */
  readonly now: Date;
  readonly batch: Batch;
  /** Located at the row. */
  readonly labels: HostLabels;
  readonly peers: Peers;
  /** What `@` stands for. */
  readonly ownHosts: readonly string[];
}

/** A sender without a name. Source: RFC 5737. */
const SOME_ADDRESS = '192.0.2.1';

const ORIGINS: Readonly<Record<From, Origin>> = {
  local: ORIGIN.local,
  network: ORIGIN.network,
  kernel: ORIGIN.kernel,
  mark: ORIGIN.internal,
};

/** Reads the options of `explain`. @param text called if the message needs a text. @throws UsageError */
export function readMessage(options: ReadonlyMap<string, string>, text: () => Buffer): AskedMessage {
  const host = options.get('host') ?? null;
  const raw = options.has('raw');
  for (const name of ['priority', 'tag'])
    if (raw && options.has(name))
      throw new UsageError(`options '--raw' and '--${name}' are mutually exclusive: the datagram contains it`);
  const pri = raw ? null : parsePriority(options.get('priority'), options.get('from'));
  const from = fromOf(options.get('from'), host, pri);
  return { from, pri, tag: options.get('tag')?.replace(/:$/, '') ?? null, host, text: text() };
}

function fromOf(word: string | undefined, host: string | null, pri: number | null): From {
  const from = word ?? (host === null ? 'local' : 'network');
  if (from !== 'local' && from !== 'network' && from !== 'kernel')
    throw new UsageError(`bad value '${from}' for option '--from': expected local, network or kernel`);
  if (host !== null && from !== 'network')
    throw new UsageError(`option '-H' is for messages from the network: local messages carry this machine's name`);
  if (pri === null || pri <= PRI_MAX) return from;
  if (from !== 'local') throw new UsageError(`only the daemon itself uses facility 'mark'`);
  return 'mark';
}

function parsePriority(word: string | undefined, from: string | undefined): number {
  if (word === undefined) return from === 'kernel' ? SEVERITY.notice : PRI_DEFAULT;
  if (/^\d{1,3}$/.test(word) && Number(word) <= PRI_MAX) return Number(word);
  const [facility, severity, more] = word.toLowerCase().split('.');
  const facilities: Readonly<Record<string, number>> = { ...FACILITY, ...FACILITY_ALIASES };
  const severities: Readonly<Record<string, number>> = { ...SEVERITY, ...SEVERITY_ALIASES };
  const facilityNumber = facilities[facility ?? ''];
  const severityNumber = severities[severity ?? ''];
  if (facilityNumber !== undefined && severityNumber !== undefined && more === undefined)
    return facilityNumber * SEVERITY_COUNT + severityNumber;
  const wrong = facilityNumber === undefined ? (facility ?? '') : (severity ?? '');
  const near = nearestWord(wrong, Object.keys(facilityNumber === undefined ? facilities : severities));
  const hint = near === null ? '' : `: did you mean '${near}'?`;
  throw new UsageError(
    `bad value '${word}' for option '-p': expected a priority such as mail.err, or 0 to ${PRI_MAX}${hint}`,
  );
}

/** The datagram that a client sends: syslog(3) locally, RFC 3164 over the network. */
function datagramOf({ from, pri, tag, host, text }: AskedMessage, now: Date): Buffer {
  if (pri === null) return text;
  const head = tag === null ? '' : `${tag}: `;
  const time = traditionalTime(now);
  const before = {
    local: `${time} ${head}`,
    network: `${time} ${host ?? SOME_ADDRESS} ${head}`,
    // As the daemon does with kernel records.
    kernel: pri < SEVERITY_COUNT ? `kernel: ${head}` : head,
    mark: `${tag ?? 'tsyslogd'}: `,
  }[from];
  return Buffer.concat([Buffer.from(`<${pri}>${before}`), text]);
}

/** @param at its UTC fields show the wall clock time */
function traditionalTime(at: Date): string {
  const month = MONTHS.slice(at.getUTCMonth() * 3, at.getUTCMonth() * 3 + 3);
  return `${month} ${String(at.getUTCDate()).padStart(2)} ${at.toISOString().slice(11, 19)}`;
}

/** @param messageBytes longest message in the configuration */
export function createRow(message: AskedMessage, settings: DaemonSettings, messageBytes: number): AskedRow {
  const hostNames = readHostNames();
  const { host } = message;
  const name = host === null ? null : safePeerName(host);
  const peers = new Peers({ hostNames, reverse: name === null ? null : answering(name), isOwn: () => true });
  const batch = new Batch(1, messageBytes);
  const nowMs = Date.now();
  const zone = readMachineZone();
  batch.nowSec = Math.floor(nowMs / 1000);
  batch.nowUsec = (nowMs % 1000) * 1000;
  const row = appendRow(batch, datagramOf(message, wallDate(zone, nowMs)), ORIGINS[message.from]);
  if (message.from === 'network')
    batch.peer[row] = peers.peerOfText(name === null ? (host ?? SOME_ADDRESS) : SOME_ADDRESS);
  if (message.from === 'local') {
    batch.credPid[row] = process.pid;
    batch.credUid[row] = process.getuid?.() ?? 0;
    batch.credGid[row] = process.getgid?.() ?? 0;
  }
  new DatagramParser(settings, peers, zone).parse(batch, 0, 1);
  const labels = new HostLabels(hostNames.short, peers);
  labels.locate(batch, row);
  return {
    batch,
    now: wallDate(zone, nowMs),
    labels,
    peers,
    ownHosts: [...new Set([hostNames.short, hostNames.full])],
  };
}

/** A name server that knows one name. */
function answering(name: string): ReverseLookup {
  return {
    ask(_address, done) {
      done({ kind: 'name', name });
      return true;
    },
    close: () => undefined,
  };
}
