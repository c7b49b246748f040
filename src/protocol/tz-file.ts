/**
 * Compiled time zones, as found in /usr/share/zoneinfo. Source: tzfile(5), RFC 8536.
 *
 * Leap seconds are ignored, as in POSIX.
 */
import type { Zone } from './calendar.ts';
import { parsePosixZone } from './posix-zone.ts';

const MAGIC = 0x545a_6966;
const HEADER_BYTES = 44;
const VERSION_AT = 4;
const COUNTS_AT = 20;
const TYPE_BYTES = 6;
const LF = 0x0a;

/** Numbers in the header, in order. */
interface Counts {
  readonly isUt: number;
  readonly isStd: number;
  readonly leap: number;
  readonly times: number;
  readonly types: number;
  readonly chars: number;
}

/** @returns null if the bytes are no such file */
export function parseTzFile(bytes: Buffer): Zone | null {
  const first = readCounts(bytes, 0);
  if (first === null) return null;
  if (bytes[VERSION_AT] === 0) return readBlock(bytes, HEADER_BYTES, first, 4);
  // From version 2 on, the data follows again with wider times, then a rule for times after the last change.
  const secondAt = HEADER_BYTES + blockBytes(first, 4);
  const second = readCounts(bytes, secondAt);
  return second === null ? null : readBlock(bytes, secondAt + HEADER_BYTES, second, 8);
}

function readCounts(bytes: Buffer, at: number): Counts | null {
  if (bytes.length < at + HEADER_BYTES || bytes.readUInt32BE(at) !== MAGIC) return null;
  const [isUt = 0, isStd = 0, leap = 0, times = 0, types = 0, chars = 0] = Array.from({ length: 6 }, (_, idx) =>
    bytes.readUInt32BE(at + COUNTS_AT + idx * 4),
  );
  return { isUt, isStd, leap, times, types, chars };
}

function blockBytes({ isUt, isStd, leap, times, types, chars }: Counts, timeBytes: number): number {
  return times * (timeBytes + 1) + types * TYPE_BYTES + chars + leap * (timeBytes + 4) + isStd + isUt;
}

function readBlock(bytes: Buffer, at: number, counts: Counts, timeBytes: 4 | 8): Zone | null {
  const { times, types } = counts;
  const end = at + blockBytes(counts, timeBytes);
  if (types === 0 || end > bytes.length) return null;
  const changes = Float64Array.from({ length: times }, (_, idx) =>
    timeBytes === 8 ? Number(bytes.readBigInt64BE(at + idx * 8)) : bytes.readInt32BE(at + idx * 4),
  );
  const typesAt = at + times * timeBytes;
  const recordsAt = typesAt + times;
  const offsetMin = (type: number): number => Math.round(bytes.readInt32BE(recordsAt + type * TYPE_BYTES) / 60) + 0;
  const used = [...bytes.subarray(typesAt, recordsAt)];
  if (used.some((type) => type >= types)) return null;
  const isStandard = (type: number): boolean => bytes[recordsAt + type * TYPE_BYTES + 4] === 0;
  const before = Math.max(0, Array.from({ length: types }, (_, type) => type).findIndex(isStandard));
  const lineEnd = timeBytes === 8 && bytes[end] === LF ? bytes.indexOf(LF, end + 1) : -1;
  const rule = lineEnd === -1 ? null : parsePosixZone(bytes.toString('latin1', end + 1, lineEnd));
  return new FileZone(changes, Int32Array.from(used, offsetMin), offsetMin(before), rule);
}

class FileZone implements Zone {
  readonly #changes: Float64Array;
  readonly #offsets: Int32Array;
  readonly #before: number;
  /** For times after the last change; null: nothing changes any more. */
  readonly #rule: Zone | null;

  constructor(changes: Float64Array, offsets: Int32Array, before: number, rule: Zone | null) {
    this.#changes = changes;
    this.#offsets = offsets;
    this.#before = before;
    this.#rule = rule;
  }

  offsetMinAt(utcSec: number): number {
    const changes = this.#changes;
    let low = 0;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (changes[middle]! <= utcSec) low = middle + 1;
      else high = middle;
    }
    if (low === changes.length && this.#rule !== null) return this.#rule.offsetMinAt(utcSec);
    return low === 0 ? this.#before : this.#offsets[low - 1]!;
  }
}
