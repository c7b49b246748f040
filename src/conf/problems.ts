/**
 * Collects what is wrong with a configuration, so that every mistake is reported, not only the first.
 *
 * Words of the text are always quoted the same way: between backticks, control bytes made visible, long ones cut. Does
 * not decide what is wrong.
 */
import type { ConfigProblem, Position } from './config.ts';
import type { ConfigLine } from './config-line.ts';
import { toUtf8 } from './config-line.ts';
import { visibleText } from '../sys/print/visible-text.ts';

/** Longest part of a word repeated in a message, in characters. */
const QUOTED_MAX = 60;

/** Quotes a word of the text, given as bytes in a Latin-1 string. */
export function quoteWord(word: string): string {
  const chars = Array.from(toUtf8(word));
  const text = visibleText(chars.slice(0, QUOTED_MAX).join(''));
  return `\`${text}${chars.length > QUOTED_MAX ? '…' : ''}\``;
}

export class Problems {
  readonly list: ConfigProblem[] = [];

  /** @param off byte of `line.text` at which the offending word begins */
  add(line: ConfigLine, off: number, what: string, expected: string | null): void {
    this.addAt(line.at(off), what, expected);
  }

  addAt(at: Position, what: string, expected: string | null): void {
    this.list.push({ at, what, expected });
  }
}
