/**
 * A second parser, as a reference for the first: behaviour.md and the grammars in regular expressions on strings,
 * one datagram at a time, without a thought for speed. It shares no code with src/dgram-parser; where both say the
 * same of millions of datagrams, the fast one takes no short cut that shows.
 */
import type { ParseSettings } from '../../src/dgram-parser/parser.ts';
import { type Clock, looseTime, type ReferenceTime, strictTime } from './time.ts';
import {
  anyTagAt,
  graph,
  isIpv6,
  looksLikeHost,
  mayBeHost,
  type ReferenceTag,
  skipBlanks,
  tagAt,
  tagStart,
  wordsAt,
} from './words.ts';

/** Where a datagram came from, and what the machine knows. */
export interface Receipt extends Clock {
  readonly nowUsec: number;
  readonly origin: 'local' | 'network' | 'kernel' | 'internal';
  readonly settings: ParseSettings;
  readonly isLocalHost: (word: string) => boolean;
  readonly isPeer: (word: string) => boolean;
}

/** What a row must say. Offsets from the begin of the datagram; strings with one byte a character. */
export interface ReferenceRow {
  pri: number;
  noPri: boolean;
  failed: boolean;
  rfc5424: boolean;
  msgTime: boolean;
  msgHost: boolean;
  clean: boolean;
  /** The tag holds blanks. */
  blanks: boolean;
  sec: number;
  usec: number;
  offsetMin: number;
  host: string;
  tag: string;
  pid: string;
  msgId: string;
  sd: string;
  body: string;
  text: string;
  bodyOff: number;
  textOff: number;
  endOff: number;
}

const NAME = '[!#-<>-\\\\^-~]+';
const VALUE = '(?:"(?:[^"\\\\]|\\\\[^])*"|[!#-\\\\^-~\x80-\xff]+)';
const SD = `(?:\\[${NAME}(?: ${NAME}= *${VALUE})*\\])+`;
const FIELD = '([!-~]+) ';
const RFC5424_REST = new RegExp(
  `^ (?<host>[!-~]+) (?<app>[!-~]+) ${FIELD}${FIELD}(?<sd>-|${SD})(?<msg>$| (?:\xef\xbb\xbf)?)`,
);

/** Reads one datagram. */
export function referenceRow(datagram: Uint8Array, receipt: Receipt): ReferenceRow {
  const whole = Buffer.from(datagram).toString('latin1');
  const message = whole.replace(/[\n\0]$/, '');
  const { nowSec, nowUsec, offsetMin, origin, settings } = receipt;
  const row: ReferenceRow = {
    ...{ pri: 13, noPri: false, failed: false, rfc5424: false, msgTime: false, msgHost: false, clean: false },
    blanks: false,
    ...{ sec: nowSec, usec: nowUsec, offsetMin, host: '', tag: '', pid: '', msgId: '', sd: '' },
    ...{ body: message, text: message, bodyOff: 0, textOff: 0, endOff: message.length },
  };
  const head = /^<(\d{1,3})>/.exec(message);
  const pri = Number(head?.[1]);
  if (head === null || pri > (origin === 'internal' ? 199 : 191)) row.noPri = true;
  else {
    const isForeign = origin === 'local' || origin === 'network';
    row.pri = pri < 8 && isForeign && !settings.keepKern ? pri + 8 : pri;
    const at = head[0].length;
    takeText(row, message, at);
    if (whole.startsWith('1 ', at)) readRfc5424(row, message, at, receipt);
    else readTraditional(row, message, at, receipt);
  }
  row.clean = /^[\x20-\x7e\t]*$/.test(row.body);
  return row;
}

/** Everything from `at` on is text. */
function takeText(row: ReferenceRow, message: string, at: number): void {
  row.bodyOff = at;
  row.textOff = at;
  row.body = message.slice(at);
  row.text = row.body;
}

function takeTime(row: ReferenceRow, time: ReferenceTime, settings: ParseSettings): void {
  if (settings.receiptTime) return;
  row.msgTime = true;
  row.sec = time.sec;
  row.usec = time.usec;
  row.offsetMin = time.offsetMin;
}

function readRfc5424(row: ReferenceRow, message: string, version: number, receipt: Receipt): void {
  const at = version + 2;
  const isNil = message[at] === '-';
  const time = isNil ? null : strictTime(message, at, receipt);
  const rest = isNil ? at + 1 : (time?.behind ?? message.length);
  const match = RFC5424_REST.exec(message.slice(rest));
  if (match === null || (!isNil && time === null)) {
    row.failed = true;
    return;
  }
  const filled = (field: string | undefined): string => (field === undefined || field === '-' ? '' : field);
  const { host = '', app, sd } = match.groups ?? {};
  row.rfc5424 = true;
  if (time !== null) takeTime(row, time, receipt.settings);
  row.host = filled(host);
  row.msgHost = row.host !== '' && receipt.settings.keepHost;
  row.tag = filled(app);
  row.pid = filled(match[3]);
  row.msgId = filled(match[4]);
  row.sd = filled(sd);
  row.bodyOff = rest + 1 + host.length + 1;
  row.textOff = rest + match[0].length;
  row.body = message.slice(row.bodyOff);
  row.text = message.slice(row.textOff);
}

function readTraditional(row: ReferenceRow, message: string, at: number, receipt: Receipt): void {
  const text = `${message}\0`;
  const begin = skipBlanks(text, at);
  let time = looseTime(text, begin, receipt);
  if (time === null && text.startsWith(': ', begin)) time = looseTime(text, begin + 2, receipt);
  else if (time === null) {
    const prefixed = readPrefix(text, begin, receipt);
    if (prefixed !== null) {
      takeTime(row, prefixed.time, receipt.settings);
      // The words before the time are moved over it to the begin of the text.
      row.bodyOff = prefixed.time.behind - prefixed.prefix.length;
      row.textOff = row.bodyOff;
      row.body = prefixed.prefix + message.slice(prefixed.time.behind);
      row.text = row.body;
      return;
    }
  }
  if (time === null) {
    readUntimed(row, message, at, receipt);
    return;
  }
  takeTime(row, time, receipt.settings);
  readHostAndTag(row, message, time.behind, receipt);
}

/** A tag, or a host and a tag. */
function readUntimed(row: ReferenceRow, message: string, at: number, receipt: Receipt): void {
  const text = `${message}\0`;
  const { keepHost } = receipt.settings;
  const isNetwork = receipt.origin === 'network';
  const begin = tagStart(text, at);
  const first = tagAt(text, begin);
  if (first !== null) {
    takeTag(row, message, at, first);
    return;
  }
  const wordOff = skipBlanks(text, at);
  const word = graph(text, wordOff);
  const body = wordOff + word.length + 1;
  const second = text[body - 1] === ' ' && body <= message.length ? anyTagAt(text, tagStart(text, body)) : null;
  const isLocal = (!isNetwork || keepHost) && receipt.isLocalHost(word);
  const isNamed = isLocal || (isNetwork && receipt.isPeer(word));
  const words = wordsAt(text, begin);
  const isTrusted =
    isNetwork &&
    keepHost &&
    word.length <= 255 &&
    looksLikeHost(word) &&
    mayBeHost(word) &&
    /^\d+$/.test(second?.pid ?? '');
  if (second !== null && word !== '' && (isNamed || (words === null && isTrusted))) {
    row.host = word;
    row.msgHost = keepHost;
    takeTag(row, message, body, second);
  } else if (words !== null) takeTag(row, message, at, words);
}

/** `38: `, `38: router1: `, `148: router1: 000146: ` before a time. */
function readPrefix(text: string, begin: number, clock: Clock): { prefix: string; time: ReferenceTime } | null {
  const words = /\d+(?=: )/y;
  words.lastIndex = begin;
  let i = begin + (words.exec(text)?.[0].length ?? 0);
  for (let count = 0; count < 3 && i > begin; count++) {
    if (!text.startsWith(': ', i)) return null;
    const at = skipBlanks(text, i + 2);
    const time = looseTime(text, at, clock);
    if (time !== null) return { prefix: text.slice(begin, at), time };
    const word = /[A-Za-z0-9._-]+/y;
    word.lastIndex = at;
    const found = word.exec(text);
    if (found === null) return null;
    i = at + found[0].length;
  }
  return null;
}

/** `from` is the begin of the body. */
function takeTag(row: ReferenceRow, message: string, from: number, { tag, pid, textOff, blanks }: ReferenceTag): void {
  row.tag = tag;
  row.pid = pid;
  row.textOff = textOff;
  row.text = message.slice(textOff);
  row.bodyOff = from;
  row.body = message.slice(from);
  row.blanks = blanks;
}

function readHostAndTag(row: ReferenceRow, message: string, at: number, receipt: Receipt): void {
  const text = `${message}\0`;
  const { settings, origin } = receipt;
  const isNetwork = origin === 'network';
  takeText(row, message, at);
  const wordOff = skipBlanks(text, at);
  const word = graph(text, wordOff);
  const first = tagAt(text, tagStart(text, at));
  const isAddress = first?.off === wordOff && text[first.textOff - 1] !== ' ' && isIpv6(word);
  if (first !== null && !isAddress) {
    takeTag(row, message, at, first);
    return;
  }
  const stop = wordOff + word.length;
  const isLast = stop === message.length;
  if (word.length === 0 || word.length > 255 || !(isLast || text[stop] === ' ')) return;
  if (settings.keepHost && isNetwork && readForwarded(row, message, wordOff)) return;
  const body = isLast ? stop : stop + 1;
  const tag = isLast ? null : anyTagAt(text, tagStart(text, body));
  if (!isHost(word, text.slice(wordOff), tag !== null, stop + 1 < message.length, receipt)) {
    const words = wordsAt(text, wordOff);
    if (words !== null) takeTag(row, message, at, words);
    return;
  }
  row.host = word;
  row.msgHost = settings.keepHost;
  if (tag === null) takeText(row, message, body);
  else takeTag(row, message, body, tag);
}

function isHost(word: string, rest: string, tagged: boolean, hasText: boolean, receipt: Receipt): boolean {
  const { keepHost } = receipt.settings;
  if (word.endsWith(':') && !isIpv6(word)) return false;
  const mayBe = mayBeHost(word);
  if (receipt.origin !== 'network')
    return (tagged && keepHost && mayBe && receipt.origin === 'local') || receipt.isLocalHost(word);
  const isRepeated = rest.startsWith('last message repeated ');
  const isTrusted = keepHost && hasText && looksLikeHost(word) && !isRepeated;
  return (mayBe && (tagged || isTrusted)) || receipt.isPeer(word);
}

/** `Forwarded from HOST: TAG: …` */
function readForwarded(row: ReferenceRow, message: string, at: number): boolean {
  const text = `${message}\0`;
  const phrase = /(?:Message f|F)orwarded from (?<host>[!-~]{1,255}): /y;
  phrase.lastIndex = at;
  const match = phrase.exec(text);
  const body = at + (match?.[0].length ?? 0);
  const tag = match === null ? null : tagAt(text, tagStart(text, body));
  if (tag === null) return false;
  row.host = match?.groups?.['host'] ?? '';
  row.msgHost = true;
  takeTag(row, message, body, tag);
  return true;
}
