/**
 * One `-a PEER`: which senders, and from which port. Source: syslogd(8).
 *
 *   `192.0.2.1` `192.0.2.0/24` `[2001:db8::]/32`    addresses      `:PORT` `:SERVICE` `:*`    source port
 *   `log.example.org` `*.example.org`               full names     without: 514
 *   `*`                                             every sender
 *
 * DEVIATION(sysklogd 2.7.2): an IPv4 address without length means that host, not its network of class A, B or C.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { AddressError } from '../../conf/words/addresses.ts';
import { parsePort, PORT_FORM, type ReadServices } from '../../conf/words/services.ts';
import { parseCount } from '../../conf/words/sizes.ts';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import { parseAddressWords } from './address-words.ts';

/** `port` null: any. */
export type AllowRule =
  /** Addresses whose words agree with `words` where bits of `mask` are set. */
  | { readonly kind: 'network'; readonly words: Int32Array; readonly mask: Int32Array; readonly port: number | null }
  /** Names in lower case; `*` stands for any characters, `?` for one. */
  | { readonly kind: 'name'; readonly pattern: string; readonly port: number | null };

const FORM = '`address[/length]`, `[v6-address]/length`, `host.name` or `*.domain`, then `:port`, `:service` or `:*`';
const V4_BITS = 32;
const V6_BITS = 128;
/** Bits before the IPv4 address in its v4-mapped form. */
const MAPPED_BITS = 96;
const NAME = /^[A-Za-z0-9_.*?-]{1,253}$/;

interface Parts {
  readonly kind: 'v4' | 'v6' | 'name';
  readonly host: string;
  readonly length: string | undefined;
  readonly port: string | undefined;
}

export function parseAllowRule(text: string, readServices?: ReadServices): AllowRule | AddressError {
  const parts = splitRule(text);
  if (parts === null) return { what: `bad peer \`${text}\``, expected: FORM };
  const port = sourcePort(parts.port, readServices);
  if (typeof port === 'object' && port !== null) return port;
  if (parts.host === '*') return { kind: 'network', words: new Int32Array(4), mask: new Int32Array(4), port };
  if (parts.kind === 'name') return { kind: 'name', pattern: parts.host.toLowerCase(), port };
  const bits = parts.kind === 'v4' ? V4_BITS : V6_BITS;
  const length = parts.length === undefined ? bits : parseCount(parts.length, 0, bits);
  if (length === null) return { what: `bad length \`${parts.length}\``, expected: `a number from 0 to ${bits}` };
  return networkRule(parts.host, parts.kind === 'v4' ? MAPPED_BITS + length : length, port);
}

function splitRule(text: string): Parts | null {
  const v6 = /^\[([^\]/%]*)(?:\/(\d+))?\](?:\/(\d+))?(?::(.+))?$/.exec(text);
  if (v6 !== null) {
    const host = v6[1] ?? '';
    if (!isIPv6(host) || (v6[2] !== undefined && v6[3] !== undefined)) return null;
    return { kind: 'v6', host, length: v6[2] ?? v6[3], port: v6[4] };
  }
  const other = /^([^:/[\]]+)(?:\/([^:/]+))?(?::([^:]+))?$/.exec(text);
  if (other === null) return null;
  const [, host = '', length, port] = other;
  if (isIPv4(host)) return { kind: 'v4', host, length, port };
  // What consists of digits and dots, with or without `*`, is meant as an address, and names never look so.
  if (length !== undefined || !NAME.test(host) || (/^[0-9.*?]+$/.test(host) && host !== '*')) return null;
  return { kind: 'name', host, length, port };
}

function sourcePort(text: string | undefined, readServices?: ReadServices): number | null | AddressError {
  if (text === undefined) return SYSLOG_UDP_PORT;
  if (text === '*') return null;
  return parsePort(text, readServices) ?? { what: `bad port \`${text}\``, expected: `${PORT_FORM}, or \`*\`` };
}

/** @param bits of the 128 that count */
function networkRule(address: string, bits: number, port: number | null): AllowRule {
  const words = new Int32Array(4);
  parseAddressWords(address, words);
  const mask = new Int32Array(4);
  const maskBytes = new Uint8Array(mask.buffer);
  for (let bit = 0; bit < bits; bit += 8) maskBytes[bit / 8] = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit));
  for (let idx = 0; idx < 4; idx++) words[idx] = words[idx]! & mask[idx]!;
  return { kind: 'network', words, mask, port };
}

/** @returns whether a pattern matches a whole name, both in lower case. Time: the product of their lengths */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let i = 0;
  while (i < name.length) {
    const ch = pattern[at];
    if (ch === '*') {
      star = at++;
      retry = i;
    } else if (ch !== undefined && (ch === '?' || ch === name[i])) {
      at++;
      i++;
    } else if (star !== -1) {
      // The last `*` takes one character more.
      at = star + 1;
      i = ++retry;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
