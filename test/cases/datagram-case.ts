/**
 * Shape of the tables of datagrams, and the four ways in which each is parsed: from the network and on a log
 * socket, with and without `-H`.
 *
 * All rows are received at {@link CASE_NOW_SEC} in a zone one hour east of UTC, on a machine named `thishost`,
 * from the network by a sender named `peer1`.
 */
import { fixedZone } from '../../src/protocol/calendar.ts';
import type { HostWords } from '../../src/dgram-parser/header/host-words.ts';

/** 2024-11-21 12:00:00 UTC */
export const CASE_NOW_SEC = 1_732_190_400;
export const CASE_NOW_USEC = 250_000;
export const CASE_ZONE = fixedZone(60);
/** Number of the peer that is named {@link PEER_NAME}. */
export const CASE_PEER = 7;
const LOCAL_NAME = 'thishost';
const PEER_NAME = 'peer1';

function isWord(name: string, bytes: Uint8Array, off: number, len: number): boolean {
  return Buffer.from(bytes.subarray(off, off + len)).toString('latin1') === name;
}

export const CASE_HOSTS: HostWords = {
  isLocalHost: (bytes, off, len) => isWord(LOCAL_NAME, bytes, off, len),
  isPeer: (peer, bytes, off, len) => peer === CASE_PEER && isWord(PEER_NAME, bytes, off, len),
};

/** What the columns must hold. Strings are UTF-8, or bytes where a datagram is not UTF-8. */
export interface Expected {
  /** 13 unless set. */
  readonly pri?: number;
  /** RFC 3339 with offset, up to microseconds; missing: the time of receipt. */
  readonly time?: string;
  readonly host?: string;
  readonly tag?: string;
  readonly pid?: string;
  readonly msgId?: string;
  readonly sd?: string;
  readonly text: string | Uint8Array;
  /** What a traditional line shows behind the host; missing: the same as `text`. */
  readonly body?: string | Uint8Array;
  readonly noPri?: true;
  readonly failed?: true;
  readonly rfc5424?: true;
  /** The tag holds blanks. */
  readonly blanks?: true;
}

export interface DatagramCase {
  /** Number of the row, with a letter where a row has several datagrams, and what it is about. */
  readonly name: string;
  readonly datagram: Uint8Array;
  readonly network: Expected;
  readonly networkKeep: Expected;
  readonly local: Expected;
  readonly localKeep: Expected;
}

/** Where a way of receiving differs from `network`. */
export interface Differences {
  /** Default: as `network`. */
  readonly networkKeep?: Expected;
  /** Default: as `network`, but the host of a traditional message is the first word of the text. */
  readonly local?: Expected;
  /** Default: as `network` where a tag follows the host, otherwise as `local`. */
  readonly localKeep?: Expected;
}

/** A log socket has no host word: it is text, and so is what follows it. */
function withHostInText(expected: Expected): Expected {
  const { host = '', body = expected.text, rfc5424 } = expected;
  if (host === '' || rfc5424 === true) return expected;
  const text = Buffer.concat([Buffer.from(`${host} `), Buffer.from(body)]);
  return { pri: expected.pri ?? 13, ...(expected.time === undefined ? {} : { time: expected.time }), text };
}

/** Builds a row. */
export function datagramCase(
  name: string,
  datagram: string | Uint8Array,
  network: Expected,
  differences: Differences = {},
): DatagramCase {
  const local = differences.local ?? withHostInText(network);
  return {
    name,
    datagram: Buffer.from(datagram),
    network,
    networkKeep: differences.networkKeep ?? network,
    local,
    localKeep: differences.localKeep ?? (network.tag === undefined ? local : network),
  };
}

/** Time of the stamp of {@link stamped}. */
export const STAMP_TIME = '2024-11-20T22:14:15+01:00';

/** Builds a row of a datagram `<13>Nov 20 22:14:15 REST`. */
export function stamped(
  name: string,
  rest: string | Uint8Array,
  network: Expected,
  differences: Differences = {},
): DatagramCase {
  const withTime = (expected: Expected): Expected => ({ time: STAMP_TIME, ...expected });
  const { networkKeep, local, localKeep } = differences;
  return datagramCase(
    name,
    Buffer.concat([Buffer.from('<13>Nov 20 22:14:15 '), Buffer.from(rest)]),
    withTime(network),
    {
      ...(networkKeep === undefined ? {} : { networkKeep: withTime(networkKeep) }),
      ...(local === undefined ? {} : { local: withTime(local) }),
      ...(localKeep === undefined ? {} : { localKeep: withTime(localKeep) }),
    },
  );
}

/** Builds a row of a datagram that is kept whole, for want of a valid PRI. */
export function withoutPri(name: string, datagram: string, text = datagram): DatagramCase {
  return datagramCase(name, datagram, { noPri: true, text });
}
