/**
 * Words from a stream of bytes that anybody may have written: one per line, bounded in length; unknown ones are
 * reported at a bounded rate.
 *
 * The writers of a FIFO cannot be told apart, nor can it be seen that one has closed it. So a word without a newline
 * counts as complete when nothing follows for a while.
 */
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { shorten } from './protocol.ts';

const LF = 0x0a;
/** Longer than any word; anything longer is not a word. */
const LINE_MAX_BYTES = 256;
/** Without a further byte for this time, the line is over. */
const LINE_END_MS = 1000;
/** Time between two reports of unknown words. */
const REPORT_MS = 10_000;

export class WordReader {
  readonly #path: string;
  readonly #act: (word: string) => boolean;
  readonly #report: Report;
  #line: Buffer = Buffer.alloc(0);
  #lineEnd: NodeJS.Timeout | null = null;
  /** While it runs, unknown words are only counted. */
  #quiet: NodeJS.Timeout | null = null;
  #unknown = 0;

  /** @param act carries out a word; false: it is unknown */
  constructor(path: string, act: (word: string) => boolean, report: Report) {
    this.#path = path;
    this.#act = act;
    this.#report = report;
  }

  /** Words that arrive together are carried out once each. */
  take(bytes: Buffer): void {
    if (this.#lineEnd !== null) clearTimeout(this.#lineEnd);
    this.#lineEnd = null;
    const done = new Set<string>();
    let begin = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, begin)) {
      this.#append(bytes.subarray(begin, end));
      begin = end + 1;
      const word = this.#takeWord();
      if (!done.has(word) && this.#carryOut(word)) done.add(word);
    }
    this.#append(bytes.subarray(begin));
    if (this.#line.length > 0) this.#lineEnd = setTimeout(() => this.#carryOut(this.#takeWord()), LINE_END_MS).unref();
  }

  /** An incomplete word is dropped. */
  close(): void {
    for (const timer of [this.#lineEnd, this.#quiet]) if (timer !== null) clearTimeout(timer);
  }

  /** Keeps one byte more than a word may have, to mark it as too long. */
  #append(part: Buffer): void {
    const room = LINE_MAX_BYTES + 1 - this.#line.length;
    if (room > 0 && part.length > 0) this.#line = Buffer.concat([this.#line, part.subarray(0, room)]);
  }

  #takeWord(): string {
    const line = this.#line;
    this.#line = Buffer.alloc(0);
    return line.toString('utf8').trim();
  }

  /** @returns whether it is known */
  #carryOut(word: string): boolean {
    if (word === '') return false;
    if (this.#act(word)) return true;
    if (this.#quiet === null) this.#tell(word);
    else this.#unknown++;
    return false;
  }

  #tell(word: string): void {
    const expected = 'expected reload, reopen, rotate, mark or stop';
    this.#report(SEVERITY.warning, `control pipe "${this.#path}": unknown command "${shorten(word)}": ${expected}`);
    this.#quiet = setTimeout(() => this.#endQuiet(), REPORT_MS).unref();
  }

  #endQuiet(): void {
    this.#quiet = null;
    const unknown = this.#unknown;
    this.#unknown = 0;
    if (unknown === 0) return;
    this.#report(SEVERITY.warning, `control pipe "${this.#path}": ${unknown} more unknown commands`);
  }
}
