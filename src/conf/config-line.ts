/**
 * One logical line of a configuration: continuation lines joined, blanks trimmed, with a map from every byte back to
 * its place in the file.
 *
 * Text is kept as a Latin-1 string, one character per byte, so that columns are bytes; text that leaves the parser
 * passes through {@link toUtf8}.
 */
import { isUtf8 } from 'node:buffer';
import type { Position } from './config.ts';

/** A section of a physical line. `line` and `column` count from 1. */
export interface LinePiece {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** A section of a line's text; `off` counts from the beginning of the text. */
export interface Word {
  readonly text: string;
  readonly off: number;
}

/** @returns the text whose UTF-8 bytes are the characters of `latin1` */
export function toUtf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

export class ConfigLine {
  readonly file: string;
  readonly text: string;
  readonly #pieces: readonly LinePiece[];
  /** Offset in `text` at which each piece begins. */
  readonly #starts: readonly number[];

  constructor(file: string, pieces: readonly LinePiece[]) {
    const starts: number[] = [];
    let length = 0;
    for (const piece of pieces) {
      starts.push(length);
      length += piece.text.length;
    }
    this.file = file;
    this.text = pieces.length === 1 ? (pieces[0]?.text ?? '') : pieces.map((piece) => piece.text).join('');
    this.#pieces = pieces;
    this.#starts = starts;
  }

  /** Place of a byte; the end of the text belongs to the last piece. */
  at(off: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= off) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low];
    return { file: this.file, line: piece?.line ?? 1, column: (piece?.column ?? 1) + off - (this.#starts[low] ?? 0) };
  }
}

/** Longest UTF-8 sequence, bytes. */
const SEQUENCE_MAX = 4;

/** @returns offset of the first byte that is not UTF-8, or is NUL; -1: none */
export function findBadByte(latin1: string): number {
  const bytes = Buffer.from(latin1, 'latin1');
  const nul = bytes.indexOf(0);
  if (isUtf8(bytes)) return nul;
  let off = 0;
  while (off < bytes.length && off !== nul) {
    let len = 1;
    while (len <= SEQUENCE_MAX && !isUtf8(bytes.subarray(off, off + len))) len++;
    if (len > SEQUENCE_MAX) return off;
    off += len;
  }
  return off;
}

const BLANKS = ' \t\v\f\r';

/** @returns the first offset from `off` on that is not a blank */
export function skipBlanks(text: string, off: number): number {
  let at = off;
  while (at < text.length && BLANKS.includes(text.charAt(at))) at++;
  return at;
}

/** @returns the first offset from `off` on that is a blank or the end of the text */
export function skipWord(text: string, off: number): number {
  let at = off;
  while (at < text.length && !BLANKS.includes(text.charAt(at))) at++;
  return at;
}

/** @returns `end`, moved left over blanks, but not below `start` */
export function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && BLANKS.includes(text.charAt(at - 1))) at--;
  return at;
}

/**
 * A `#` after a blank begins a comment; every field but a command ends there.
 *
 * @returns the end of the field that begins at `start`, without blanks before the comment
 */
export function commentStart(text: string, start: number): number {
  for (let at = text.indexOf('#', start); at !== -1; at = text.indexOf('#', at + 1)) {
    if (at === start || BLANKS.includes(text.charAt(at - 1))) return trimEnd(text, start, at);
  }
  return trimEnd(text, start, text.length);
}

/** Splits `text` from `start` to `end` at any of `separators`, without the blanks around the parts. */
export function splitWords(text: string, start: number, end: number, separators: string): readonly Word[] {
  const words: Word[] = [];
  let from = start;
  for (let at = start; at <= end; at++) {
    if (at < end && !separators.includes(text.charAt(at))) continue;
    const off = Math.min(skipBlanks(text, from), at);
    words.push({ text: text.slice(off, trimEnd(text, off, at)), off });
    from = at + 1;
  }
  return words;
}
