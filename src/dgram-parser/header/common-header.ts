/**
 * HOT PATH. The header that nearly all traditional messages have after the time stamp: `TAG[PID]: TEXT`, from the
 * network also `HOST TAG[PID]: TEXT`, all in ASCII. perf: bench/micro/dgram-parser/parse
 *
 * Only a shortcut: it gives the same result as header-reader.ts, which handles everything unusual.
 * test/property/parser-reference checks both against the same reference.
 */
import { type Batch, F_MSG_HOST, ORIGIN } from '../columns/batch.ts';
import { C_DIGIT, C_GRAPH, C_HOST, C_TAG, C_UPPER, CH, CHAR_CLASS } from '../../protocol/char-class.ts';
import { TAG_MAX_BYTES } from '../../protocol/limits.ts';
import { isLevelWord } from './level-words.ts';

/** Longest pid in brackets that is accepted here. */
const PID_MAX_BYTES = 16;
const YEAR_DIGITS = 4;

/**
 * Shape: writes every offset and length column of the row but endOff, if the header is a common one.
 *
 * @param begin offset of the slot
 * @param at offset after the time stamp and its blank
 * @returns flags to set; -1 if the header needs more care; then nothing has been written
 */
export function readCommonHeader(batch: Batch, row: number, begin: number, at: number, keepHost: boolean): number {
  const { bytes } = batch;
  let stop = runEnd(bytes, at);
  if (stop < 0 || mayBelongToTime(bytes, at, stop)) return -1;
  let tag = at;
  let hostLen = 0;
  if (bytes[stop] === CH.space) {
    if (batch.origin[row] !== ORIGIN.network) return -1;
    hostLen = stop - at;
    // A dash or a level is not a host name.
    if ((CHAR_CLASS[bytes[at]!]! & C_HOST) === 0 || bytes[at] === CH.dash || bytes[at] === CH.dot) return -1;
    if (isLevelWord(bytes, at, hostLen)) return -1;
    tag = stop + 1;
    stop = runEnd(bytes, tag);
    if (stop < 0) return -1;
  }
  const tagLen = stop - tag;
  let pid = begin;
  let pidLen = 0;
  if (bytes[stop] === CH.bracketOpen) {
    pid = stop + 1;
    stop = pid;
    const limit = pid + PID_MAX_BYTES;
    for (let byte = bytes[stop]!; byte !== CH.bracketClose; byte = bytes[++stop]!) {
      if ((CHAR_CLASS[byte]! & C_GRAPH) === 0 || stop === limit) return -1;
    }
    pidLen = stop - pid;
    stop++;
  }
  if (bytes[stop] !== CH.colon || bytes[stop + 1] !== CH.space) return -1;
  batch.hostOff[row] = hostLen > 0 ? at : begin;
  batch.hostLen[row] = hostLen;
  batch.tagOff[row] = tag;
  batch.tagLen[row] = tagLen;
  batch.pidOff[row] = pidLen > 0 ? pid : begin;
  batch.pidLen[row] = pidLen;
  batch.msgIdOff[row] = begin;
  batch.msgIdLen[row] = 0;
  batch.sdOff[row] = begin;
  batch.sdLen[row] = 0;
  batch.bodyOff[row] = tag;
  batch.textOff[row] = stop + 2;
  return hostLen > 0 && keepHost ? F_MSG_HOST : 0;
}

/** @returns the end of the run of tag characters at `at`; -1: none, a parenthesis, or too long */
function runEnd(bytes: Uint8Array, at: number): number {
  if ((CHAR_CLASS[bytes[at]!]! & C_TAG) === 0 || bytes[at] === CH.parenOpen) return -1;
  const limit = at + TAG_MAX_BYTES;
  let i = at + 1;
  while ((CHAR_CLASS[bytes[i]!]! & C_TAG) !== 0) if (++i > limit) return -1;
  return i;
}

/**
 * Whether what begins at `at` may be a year (`2024 `), a zone (`UTC: `), or a phrase added by relays (`Forwarded
 * from`).
 */
function mayBelongToTime(bytes: Uint8Array, at: number, stop: number): boolean {
  const kind = CHAR_CLASS[bytes[at]!]!;
  if ((kind & C_UPPER) !== 0) return bytes[stop] !== CH.bracketOpen;
  return (kind & C_DIGIT) !== 0 && stop <= at + YEAR_DIGITS;
}
