/**
 * One datagram at a time, as an object with strings: for programs that want the parser without its columns.
 *
 * Not for the daemon: it allocates as it pleases. What is recognised is exactly what the daemon recognises.
 */
import { FACILITY_NAMES, SEVERITY_NAMES } from '../protocol/priority.ts';
import { LocalZone, type Zone } from '../protocol/calendar.ts';
import { appendRow, Batch, F_MSG_TIME, F_NO_PRI, F_PARSE_FAILED, F_RFC5424, ORIGIN } from './batch.ts';
import type { HostWords } from './host-words.ts';
import { DatagramParser } from './parser.ts';
import { SANITIZE_MAX_EXPANSION, sanitize } from './sanitize.ts';
import { decodeStructuredData, type SdElement } from './structured-data.ts';

/** How a datagram is read. Everything has a default. */
export interface ReadOptions {
  /** Where it came from. On a log socket (`local`) a word counts as the host only where it is this host's. Default `network`. */
  readonly origin?: 'network' | 'local';
  /** Believe the host word of a traditional message even where no tag follows it. Default true. */
  readonly keepHost?: boolean;
  /** Leave facility `kern` as it is; otherwise it becomes `user`. Default true. */
  readonly keepKern?: boolean;
  /** The time of receipt, milliseconds since the epoch. It decides years that are not named. Default: the clock. */
  readonly nowMs?: number;
  /** Zone of times without one. Default: the process's own. */
  readonly zone?: Zone;
  /** This machine's name, for `local`. Default: none. */
  readonly localHost?: string;
  /** Name or address of the sender: a word equal to it is the host. Default: none. */
  readonly peerHost?: string;
  /** Make all strings safe to print, see {@link sanitize}. If false, they are decoded as they came. Default true. */
  readonly sanitize?: boolean;
}

/** A time, without rounding. */
export interface DatagramTime {
  /** Milliseconds since the epoch, UTC. */
  readonly epochMs: number;
  /** Microseconds beyond epochMs, 0 to 999. */
  readonly micros: number;
  /** Minutes east of UTC of the clock that the time was read from. */
  readonly offsetMin: number;
  /** The message carried it; otherwise it is the time of receipt. */
  readonly fromMessage: boolean;
}

/** What a datagram says. Fields that it does not have are missing. */
export interface ParsedDatagram {
  /** `rfc5424`; `rfc3164` for anything else with a valid PRI; `text` without one. */
  readonly format: 'rfc5424' | 'rfc3164' | 'text';
  /** It claims to be RFC 5424 and is not well-formed: all behind PRI is in `text`. */
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
  /** What stands between the brackets behind a tag, PROCID. */
  readonly procId?: string;
  readonly msgId?: string;
  /** STRUCTURED-DATA as it came, with its brackets. */
  readonly rawStructuredData?: string;
  /** The same, decoded; empty without any. */
  readonly structuredData: readonly SdElement[];
  readonly text: string;
}

/** Reads datagrams; keep one for many datagrams. */
export interface DatagramReader {
  /** Never throws on content; `datagram` is left as it is. `nowMs` replaces that of the options. */
  parse(datagram: Uint8Array, nowMs?: number): ParsedDatagram;
}

const MS = 1000;
const SEC_US = 1_000_000;

/** @returns a reader with these options. */
export function createReader(options: ReadOptions = {}): DatagramReader {
  const parser = new DatagramParser(
    { keepHost: options.keepHost ?? true, keepKern: options.keepKern ?? true, receiptTime: false },
    namesOf(options),
    options.zone ?? new LocalZone(),
  );
  const origin = options.origin === 'local' ? ORIGIN.local : ORIGIN.network;
  const isSafe = options.sanitize ?? true;
  return {
    parse(datagram, nowMs = options.nowMs ?? Date.now()) {
      const batch = new Batch(1, datagram.length);
      const nowUsec = Math.round(nowMs * MS);
      batch.nowSec = Math.floor(nowUsec / SEC_US);
      batch.nowUsec = nowUsec - batch.nowSec * SEC_US;
      appendRow(batch, datagram, origin);
      parser.parse(batch, 0, 1);
      return describe(batch, isSafe);
    },
  };
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

/** Names of hosts know no case. */
function isWord(name: string | undefined, bytes: Uint8Array, off: number, len: number): boolean {
  if (name === undefined || name === '') return false;
  return (
    name.toLowerCase() ===
    Buffer.from(bytes.subarray(off, off + len))
      .toString('latin1')
      .toLowerCase()
  );
}

function describe(batch: Batch, isSafe: boolean): ParsedDatagram {
  const flags = batch.flags[0]!;
  const pri = batch.pri[0]!;
  const text = (off: number, len: number): string => decode(batch.bytes.subarray(off, off + len), isSafe);
  const field = (name: string, off: number, len: number): Record<string, string> =>
    len === 0 ? {} : { [name]: text(off, len) };
  const sd = batch.bytes.subarray(batch.sdOff[0], batch.sdOff[0]! + batch.sdLen[0]!);
  return {
    format: (flags & F_NO_PRI) !== 0 ? 'text' : (flags & F_RFC5424) !== 0 ? 'rfc5424' : 'rfc3164',
    parseFailed: (flags & F_PARSE_FAILED) !== 0,
    priority: pri,
    facility: pri >> 3,
    facilityName: FACILITY_NAMES[pri >> 3] ?? '',
    severity: pri & 7,
    severityName: SEVERITY_NAMES[pri & 7] ?? '',
    time: timeOf(batch, (flags & F_MSG_TIME) !== 0),
    ...field('host', batch.hostOff[0]!, batch.hostLen[0]!),
    ...field('appName', batch.tagOff[0]!, batch.tagLen[0]!),
    ...field('procId', batch.pidOff[0]!, batch.pidLen[0]!),
    ...field('msgId', batch.msgIdOff[0]!, batch.msgIdLen[0]!),
    ...field('rawStructuredData', batch.sdOff[0]!, batch.sdLen[0]!),
    structuredData: decodeStructuredData(sd, (bytes) => decode(bytes, isSafe)),
    text: text(batch.textOff[0]!, batch.endOff[0]! - batch.textOff[0]!),
  };
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

function decode(bytes: Buffer, isSafe: boolean): string {
  if (!isSafe) return bytes.toString('utf8');
  const safe = Buffer.allocUnsafe(bytes.length * SANITIZE_MAX_EXPANSION);
  return safe.toString('utf8', 0, sanitize(bytes, 0, bytes.length, safe, 0, false));
}
