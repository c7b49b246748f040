/**
 * HOT PATH. Header and STRUCTURED-DATA of RFC 5424 §6, after `<PRI>1␠`.
 *
 * Stricter than the traditional parser, since a sender that names the version knows the grammar, but:
 * DEVIATION(RFC 5424 §6): fields may be longer than the grammar says, MSG and the blank before it may be missing, and
 * an unescaped `]` in a PARAM-VALUE is accepted; values may be bare, see sd-scan.ts. Escapes are left as received.
 */
import { C_SD_NAME, CH, CHAR_CLASS } from '../../protocol/char-class.ts';
import { readIsoTime } from '../time/iso-time.ts';
import { sdBareEnd, sdQuotedEnd, sdValueStart } from './sd-scan.ts';
import { graphEnd } from '../header/tag-scan.ts';
import type { TimeFields } from '../time/fields.ts';

const BOM_BYTES = 3;

/** Where the fields of the last message are; length 0 means NILVALUE. */
export class Rfc5424Fields {
  /** TIMESTAMP is not NILVALUE. */
  hasTime = false;
  hostOff = 0;
  hostLen = 0;
  appOff = 0;
  appLen = 0;
  procOff = 0;
  procLen = 0;
  msgIdOff = 0;
  msgIdLen = 0;
  sdOff = 0;
  sdLen = 0;
  textOff = 0;
}

/** Reads the message from TIMESTAMP on. @returns whether it is well-formed; if not, the fields are meaningless */
export function readRfc5424(bytes: Uint8Array, at: number, end: number, f: Rfc5424Fields, t: TimeFields): boolean {
  f.hasTime = bytes[at] !== CH.dash;
  let i = f.hasTime ? readIsoTime(bytes, at, false, t) : at + 1;
  if (i < 0 || bytes[i] !== CH.space) return false;
  f.hostOff = i + 1;
  i = graphEnd(bytes, f.hostOff);
  f.hostLen = fieldLen(bytes, f.hostOff, i);
  if (f.hostLen < 0) return false;
  f.appOff = i + 1;
  i = graphEnd(bytes, f.appOff);
  f.appLen = fieldLen(bytes, f.appOff, i);
  if (f.appLen < 0) return false;
  f.procOff = i + 1;
  i = graphEnd(bytes, f.procOff);
  f.procLen = fieldLen(bytes, f.procOff, i);
  if (f.procLen < 0) return false;
  f.msgIdOff = i + 1;
  i = graphEnd(bytes, f.msgIdOff);
  f.msgIdLen = fieldLen(bytes, f.msgIdOff, i);
  if (f.msgIdLen < 0) return false;
  f.sdOff = i + 1;
  const sdEnd = readStructuredData(bytes, f.sdOff, end);
  f.sdLen = sdEnd - f.sdOff;
  if (f.sdLen === 0 && bytes[sdEnd] === CH.dash) return readMsg(bytes, sdEnd + 1, end, f);
  return f.sdLen > 0 && readMsg(bytes, sdEnd, end, f);
}

/** @returns the length of a field that must end in a blank: 0 for NILVALUE, -1 if malformed */
function fieldLen(bytes: Uint8Array, at: number, stop: number): number {
  if (stop === at || bytes[stop] !== CH.space) return -1;
  return stop - at === 1 && bytes[at] === CH.dash ? 0 : stop - at;
}

function readMsg(bytes: Uint8Array, at: number, end: number, f: Rfc5424Fields): boolean {
  f.textOff = at;
  if (at === end) return true;
  if (bytes[at] !== CH.space) return false;
  f.textOff = at + 1;
  // The byte order mark of MSG-UTF8, RFC 5424 §6.4.
  if (bytes[at + 1] === 0xef && bytes[at + 2] === 0xbb && bytes[at + 3] === 0xbf) f.textOff += BOM_BYTES;
  return true;
}

/** @returns the end of all SD-ELEMENTs at `at` (`at` itself if there are none), or -1 */
function readStructuredData(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i >= 0 && bytes[i] === CH.bracketOpen) i = readElement(bytes, i + 1, end);
  return i;
}

/** @returns the offset after the closing bracket, or -1 */
function readElement(bytes: Uint8Array, at: number, end: number): number {
  let i = nameEnd(bytes, at);
  if (i === at) return -1;
  while (bytes[i] === CH.space) {
    const name = i + 1;
    i = nameEnd(bytes, name);
    if (i === name || bytes[i] !== CH.equals) return -1;
    i = valueEnd(bytes, i, end);
    if (i < 0) return -1;
  }
  return bytes[i] === CH.bracketClose ? i + 1 : -1;
}

function nameEnd(bytes: Uint8Array, at: number): number {
  let i = at;
  while ((CHAR_CLASS[bytes[i]!]! & C_SD_NAME) !== 0) i++;
  return i;
}

/** @returns the offset after a PARAM-VALUE and its quotes, or -1 */
function valueEnd(bytes: Uint8Array, equals: number, end: number): number {
  const at = sdValueStart(bytes, equals);
  if (bytes[at] !== CH.quote) {
    const stop = sdBareEnd(bytes, at, end);
    return stop === at ? -1 : stop;
  }
  const stop = sdQuotedEnd(bytes, at + 1, end);
  return stop < end ? stop + 1 : -1;
}
