/**
 * Takes a command line apart as getopt_long(3) of glibc does, word for word where it complains: abbreviated long names,
 * letters in one word, options behind arguments unless POSIXLY_CORRECT is set.
 */
import { LoggerFailure } from '../failure.ts';

export interface OptionRow {
  /** Null: has a long name only. */
  readonly short: string | null;
  /** Null: has a letter only. */
  readonly long: string | null;
  readonly argument: 'none' | 'required' | 'optional';
}

export interface GivenOption<Row extends OptionRow> {
  readonly row: Row;
  /** Null: none was given. */
  readonly value: string | null;
}

/** Goes through the words one option at a time, so that whatever is wrong later does not hinder what comes first. */
export class Getopt<Row extends OptionRow> {
  readonly #rows: readonly Row[];
  readonly #words: readonly string[];
  readonly #inOrder: boolean;
  readonly #operands: string[] = [];
  #at = 0;
  /** Letters of the word before `#at` that are still to come. */
  #letters = '';

  /** @param inOrder the first argument that is no option ends the options: POSIXLY_CORRECT */
  constructor(words: readonly string[], rows: readonly Row[], inOrder: boolean) {
    this.#words = words;
    this.#rows = rows;
    this.#inOrder = inOrder;
  }

  /** What is no option; complete once {@link next} has returned null. */
  get operands(): readonly string[] {
    return this.#operands;
  }

  /** @returns the next option; null: there are no more. @throws LoggerFailure with the words of glibc */
  next(): GivenOption<Row> | null {
    if (this.#letters !== '') return this.#letter();
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at] ?? '';
      if (word.length > 1 && word.startsWith('-')) {
        this.#at++;
        if (word === '--') break;
        if (word.startsWith('--')) return this.#long(word.slice(2));
        this.#letters = word.slice(1);
        return this.#letter();
      }
      if (this.#inOrder) break;
      this.#operands.push(word);
      this.#at++;
    }
    this.#operands.push(...this.#words.slice(this.#at));
    this.#at = this.#words.length;
    return null;
  }

  #letter(): GivenOption<Row> {
    const letter = this.#letters.charAt(0);
    this.#letters = this.#letters.slice(1);
    const row = this.#rows.find(({ short }) => short === letter);
    if (row === undefined) throw complaint(`invalid option -- '${letter}'`);
    if (row.argument === 'none') return { row, value: null };
    const attached = this.#letters;
    this.#letters = '';
    const value = attached === '' ? this.#word() : attached;
    if (value === null) throw complaint(`option requires an argument -- '${letter}'`);
    return { row, value };
  }

  /** @param text without the dashes */
  #long(text: string): GivenOption<Row> {
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    const attached = equals === -1 ? null : text.slice(equals + 1);
    const row = this.#find(name, text);
    if (row.argument === 'none' && attached !== null)
      throw complaint(`option '--${row.long}' doesn't allow an argument`);
    if (row.argument !== 'required' || attached !== null) return { row, value: attached };
    const value = this.#word();
    if (value === null) throw complaint(`option '--${row.long}' requires an argument`);
    return { row, value };
  }

  #find(name: string, text: string): Row {
    const exact = this.#rows.find(({ long }) => long === name);
    if (exact !== undefined) return exact;
    const [first, ...others] = this.#rows.filter(({ long }) => long?.startsWith(name) === true);
    if (first === undefined) throw complaint(`unrecognized option '--${text}'`);
    if (others.length === 0) return first;
    const names = [first, ...others].map(({ long }) => ` '--${long}'`).join('');
    throw complaint(`option '--${text}' is ambiguous; possibilities:${names}`);
  }

  #word(): string | null {
    return this.#at < this.#words.length ? (this.#words[this.#at++] ?? null) : null;
  }
}

function complaint(text: string): LoggerFailure {
  return new LoggerFailure(text, true);
}
