/**
 * Reads the daemon's files after a run: which messages are there, how often, and in what order.
 *
 * Message n ends in its number, so that a lost, duplicated, displaced or damaged line shows, whatever format the daemon
 * writes.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { NUMBER_DIGITS, NUMBER_MARK } from '../load/payload.ts';
import type { Layout } from './rules.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;
const MARK = Buffer.from(NUMBER_MARK);

/** The messages of one run. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

export interface Kept {
  /** Lines that the rules call for. */
  readonly expected: number;
  /** Distinct messages in the files where they belong, each counted once per file. */
  readonly kept: number;
  /** Lines whose number was already in that file. */
  readonly doubled: number;
  /** Lines with a lower number than the line before. */
  readonly displaced: number;
  /** Lines without a number, or with one that does not belong there: damaged, or the daemon's own. */
  readonly other: number;
}

/** @param offsets length of each file before the run */
export function readKept(
  dir: string,
  { rules, kinds }: Layout,
  offsets: ReadonlyMap<string, number>,
  range: Range,
): Kept {
  const sum = { expected: 0, kept: 0, doubled: 0, displaced: 0, other: 0 };
  for (const rule of rules) {
    const takes = kinds.map((kind) => rule.takes(kind));
    const counts = readFile(join(dir, rule.file), offsets.get(rule.file) ?? 0, takes, range);
    sum.expected += expectedLines(takes, range);
    sum.kept += counts.kept;
    sum.doubled += counts.doubled;
    sum.displaced += counts.displaced;
    sum.other += counts.other;
  }
  return sum;
}

/** @param takes whether the rule takes message n, by n modulo its length */
function expectedLines(takes: readonly boolean[], range: Range): number {
  const whole = Math.floor(range.count / takes.length);
  let lines = whole * takes.filter(Boolean).length;
  for (let i = whole * takes.length; i < range.count; i++)
    if (takes[(range.first + i) % takes.length] === true) lines++;
  return lines;
}

function readFile(path: string, offset: number, takes: readonly boolean[], range: Range): Omit<Kept, 'expected'> {
  const seen = new Uint8Array(range.count);
  const counts = { kept: 0, doubled: 0, displaced: 0, other: 0 };
  let last = -1;
  forEachLine(path, offset, (bytes, start, end) => {
    const number = numberAt(bytes, start, end);
    const idx = number - range.first;
    if (number < 0 || idx < 0 || idx >= range.count || takes[number % takes.length] !== true) counts.other++;
    else if (seen[idx] === 1) counts.doubled++;
    else {
      seen[idx] = 1;
      counts.kept++;
      if (idx < last) counts.displaced++;
      last = idx;
    }
  });
  return counts;
}

/** @returns the number at the end of a line, or -1 */
function numberAt(bytes: Buffer, start: number, end: number): number {
  const digits = end - NUMBER_DIGITS;
  const mark = digits - MARK.length;
  if (mark < start || bytes[mark] !== MARK[0] || bytes[mark + 1] !== MARK[1]) return -1;
  let value = 0;
  for (let at = digits; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function forEachLine(path: string, offset: number, onLine: (bytes: Buffer, start: number, end: number) => void): void {
  // Some daemons create a file at the first line, some at start.
  if (!existsSync(path)) return;
  const bytes = Buffer.alloc(CHUNK_BYTES);
  const fd = openSync(path, 'r');
  let at = offset;
  let filled = 0;
  for (;;) {
    const got = readSync(fd, bytes, filled, CHUNK_BYTES - filled, at);
    if (got === 0) break;
    at += got;
    filled += got;
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end === -1 || end >= filled) break;
      onLine(bytes, start, end);
      start = end + 1;
    }
    bytes.copyWithin(0, start, filled);
    filled -= start;
  }
  // A line without its newline is damaged.
  if (filled > 0) onLine(bytes, 0, 0);
  closeSync(fd);
}
