/**
 * Parses one datagram at a time into an object with strings: for programs that want the parser without its columns.
 *
 * Not for the daemon: it allocates an object and strings for each datagram. It recognizes exactly what the daemon
 * recognizes. A reader keeps one batch of one row, and nothing of earlier datagrams.
 */
import { FACILITY_NAMES, SEVERITY_NAMES } from '../protocol/priority.ts';
import type { Zone } from '../protocol/calendar.ts';
import { LocalZone } from '../protocol/local-zone.ts';
import { appendRow, Batch, F_MSG_TIME, F_NO_PRI, F_PARSE_FAILED, F_RFC5424, ORIGIN } from './columns/batch.ts';
import type { HostWords } from './header/host-words.ts';
import { DatagramParser } from './parser.ts';
import { RowStrings } from './row-strings.ts';
import { readElements, type SdElement } from './structured/structured-data.ts';

/** How to read a datagram. Everything has a default. */
export interface ReadOptions {
  /**
   * Where it came from. On a log socket (`local`) a word counts as the host only if it is this host's name. Default
   * `network`.
   */
  readonly origin?: 'network' | 'local';
  /** Trust the host name of a traditional message even if no tag follows it. Default true. */
  readonly keepHost?: boolean;
  /** Leave facility `kern` as it is; otherwise it becomes `user`. Default true. */
  readonly keepKern?: boolean;
  /** The time of receipt, milliseconds since the epoch. It decides the year if none is given. Default: the clock. */
  readonly nowMs?: number;
  /** Zone of times without one. Default: that of the process. */
  readonly zone?: Zone;
  /** This machine's name, for `local`. Default: none. */
  readonly localHost?: string;
  /** Name or address of the sender: a word equal to it is the host. Default: none. */
  readonly peerHost?: string;
  /** Make all strings safe to print, see {@link sanitize}. If false, they are decoded as received. Default true. */
  readonly sanitize?: boolean;
}

/** A time, not rounded. */
export interface DatagramTime {
  /** Milliseconds since the epoch, UTC. */
  readonly epochMs: number;
  /** Microseconds beyond epochMs, 0 to 999. */
  readonly micros: number;
  /** Minutes east of UTC of the wall clock in the message. */
  readonly offsetMin: number;
  /** The time is from the message; otherwise it is the time of receipt. */
  readonly fromMessage: boolean;
}

/** The contents of a datagram. Absent fields are missing. */
export interface ParsedDatagram {
  /** `rfc5424`; `rfc3164` for anything else with a valid PRI; `text` without one. */
  readonly format: 'rfc5424' | 'rfc3164' | 'text';
  /** It claims to be RFC 5424 but is not well-formed: everything after PRI is in `text`. */
  readonly parseFailed: boolean;
  /** 0 to 191; 13 (user.notice) without PRI. */
  readonly priority: number;
  /** 0 to 23. */
  readonly facility: number;
  readonly facilityName: string;
  /** 0 (emerg) to 7 (debug). */
  readonly severity: number;
  readonly severityName: string;
  readonly time: DatagramTime;
  readonly host?: string;
  /** Tag of a traditional message, APP-NAME. */
  readonly appName?: string;
  /** The text in brackets after a tag, PROCID. */
  readonly procId?: string;
  readonly msgId?: string;
  /** STRUCTURED-DATA as received, with its brackets. */
  readonly rawStructuredData?: string;
  /** The same, decoded; empty if there is none. */
  readonly structuredData: readonly SdElement[];
  readonly text: string;
}

/** Reads datagrams; keep one reader for many datagrams. */
export interface DatagramReader {
  /**
   * Never throws because of content; does not change `datagram`, which may be overwritten afterwards. `nowMs` replaces
   * that of the options.
   */
  parse(datagram: Uint8Array, nowMs?: number): ParsedDatagram;
}

const MS = 1000;
const SEC_US = 1_000_000;
/** A reader's batch starts with room for what most senders send, and grows as needed. */
const BATCH_MIN_BYTES = 2048;
/** No datagram from the network is longer. A longer one gets a batch of its own, which is not kept. */
const BATCH_MAX_BYTES = 65_536;

/** @returns a reader with these options */
export function createReader(options: ReadOptions = {}): DatagramReader {
  const parser = new DatagramParser(
    { keepHost: options.keepHost ?? true, keepKern: options.keepKern ?? true, receiptTime: false },
    namesOf(options),
    options.zone ?? new LocalZone(),
  );
  const origin = options.origin === 'local' ? ORIGIN.local : ORIGIN.network;
  const strings = new RowStrings(options.sanitize ?? true);
  let kept = new Batch(1, BATCH_MIN_BYTES);
  return {
    parse(datagram, nowMs = options.nowMs ?? Date.now()) {
      const batch = datagram.length <= kept.messageBytes ? kept : batchFor(datagram.length);
      if (batch.messageBytes <= BATCH_MAX_BYTES) kept = batch;
      const nowUsec = Math.round(nowMs * MS);
      batch.nowSec = Math.floor(nowUsec / SEC_US);
      batch.nowUsec = nowUsec - batch.nowSec * SEC_US;
      batch.count = 0;
      appendRow(batch, datagram, origin);
      parser.parse(batch, 0, 1);
      return describe(batch, strings);
    },
  };
}

/** @returns room for one datagram of `length` bytes; in powers of two, so that a reader seldom needs another */
function batchFor(length: number): Batch {
  let size = BATCH_MIN_BYTES;
  while (size < length && size < BATCH_MAX_BYTES) size *= 2;
  return new Batch(1, Math.max(size, length));
}

/** Reads one datagram. For many, {@link createReader} is faster. */
export function parse(datagram: Uint8Array, options: ReadOptions = {}): ParsedDatagram {
  return createReader(options).parse(datagram);
}

function namesOf(options: ReadOptions): HostWords {
  return {
    isLocalHost: (bytes, off, len) => isWord(options.localHost, bytes, off, len),
    isPeer: (_peer, bytes, off, len) => isWord(options.peerHost, bytes, off, len),
  };
}

/** Host names are case-insensitive. */
function isWord(name: string | undefined, bytes: Uint8Array, off: number, len: number): boolean {
  if (name === undefined || name === '') return false;
  return (
    name.toLowerCase() ===
    Buffer.from(bytes.subarray(off, off + len))
      .toString('latin1')
      .toLowerCase()
  );
}

/** Fields known of every datagram before its header is read. */
type Common =
  | 'format'
  | 'parseFailed'
  | 'priority'
  | 'facility'
  | 'facilityName'
  | 'severity'
  | 'severityName'
  | 'time';
/** An object whose other fields are still to be set. */
type Draft = Pick<ParsedDatagram, Common> & {
  -readonly [K in Exclude<keyof ParsedDatagram, Common>]?: ParsedDatagram[K];
};

/**
 * Shape: sets the fields always in the order of {@link ParsedDatagram}, so that objects with the same fields have the
 * same hidden class.
 */
function describe(batch: Batch, strings: RowStrings): ParsedDatagram {
  const flags = batch.flags[0]!;
  const pri = batch.pri[0]!;
  const text = strings.open(batch);
  const draft: Draft = {
    format: (flags & F_NO_PRI) !== 0 ? 'text' : (flags & F_RFC5424) !== 0 ? 'rfc5424' : 'rfc3164',
    parseFailed: (flags & F_PARSE_FAILED) !== 0,
    priority: pri,
    facility: pri >> 3,
    facilityName: FACILITY_NAMES[pri >> 3] ?? '',
    severity: pri & 7,
    severityName: SEVERITY_NAMES[pri & 7] ?? '',
    time: timeOf(batch, (flags & F_MSG_TIME) !== 0),
  };
  addFields(draft, batch, strings);
  const sdOff = batch.sdOff[0]!;
  const structuredData = readElements(batch.bytes, sdOff, sdOff + batch.sdLen[0]!, strings);
  strings.close();
  return Object.assign(draft, { structuredData, text });
}

/** Sets the optional header fields; absent ones are not set at all. */
function addFields(draft: Draft, batch: Batch, strings: RowStrings): void {
  const host = batch.hostOff[0]!;
  const hostLen = batch.hostLen[0]!;
  if (hostLen > 0) draft.host = strings.field(host, host + hostLen);
  const tag = batch.tagOff[0]!;
  const tagLen = batch.tagLen[0]!;
  if (tagLen > 0) draft.appName = strings.field(tag, tag + tagLen);
  const pid = batch.pidOff[0]!;
  const pidLen = batch.pidLen[0]!;
  if (pidLen > 0) draft.procId = strings.field(pid, pid + pidLen);
  const msgId = batch.msgIdOff[0]!;
  const msgIdLen = batch.msgIdLen[0]!;
  if (msgIdLen > 0) draft.msgId = strings.field(msgId, msgId + msgIdLen);
  const sd = batch.sdOff[0]!;
  const sdLen = batch.sdLen[0]!;
  if (sdLen > 0) draft.rawStructuredData = strings.field(sd, sd + sdLen);
}

function timeOf(batch: Batch, fromMessage: boolean): DatagramTime {
  const usec = batch.timeUsec[0]!;
  return {
    epochMs: batch.timeSec[0]! * MS + Math.floor(usec / MS),
    micros: usec % MS,
    offsetMin: batch.timeOffsetMin[0]!,
    fromMessage,
  };
}
