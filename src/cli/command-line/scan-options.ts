/**
 * Parses a command line by a table of options, like getopt_long(3): `-ab`, `-f FILE`, `-fFILE`, `--file FILE`,
 * `--file=FILE`, `--`. Values are checked elsewhere.
 *
 * DEVIATION(getopt_long(3)): a value in an argument of its own does not begin with `-`, since `-C -s` means a forgotten
 * value, or an option that is a flag in other daemons; long names are not abbreviated.
 */
import { nearestWord } from '../../conf/words/suggest.ts';
import { UsageError } from './usage-error.ts';

/** What the scan needs from a row of a table of options. */
export interface OptionShape {
  /** One character, or null for options that have only a long name. */
  readonly short: string | null;
  /** Further characters that mean the same. */
  readonly also?: string;
  readonly long: string;
  /** Name of the value, or null for a flag. */
  readonly value: string | null;
  /** The value may begin with `-`. */
  readonly dashes?: boolean;
}

export interface GivenOption<Row extends OptionShape> {
  readonly row: Row;
  /** As typed: `-f`, `--config`. */
  readonly spelled: string;
  /** Null for flags. */
  readonly value: string | null;
}

/** An argument that is not an option. */
export interface StrayArgument<Row extends OptionShape> {
  readonly text: string;
  /** The flag right before it, which was perhaps meant to take it; null: none. */
  readonly behind: GivenOption<Row> | null;
}

export interface ScannedLine<Row extends OptionShape> {
  /** In order. */
  readonly options: readonly GivenOption<Row>[];
  readonly strays: readonly StrayArgument<Row>[];
  /** The arguments after `--`. */
  readonly rest: readonly string[];
}

/** Hints on options that are not in the table or are used differently; null: none. */
export interface OptionHints {
  /** @param spelled such as `-N` */
  unknown(spelled: string): string | null;
  /** @param row takes a value, but none was found */
  missing(row: OptionShape): string | null;
}

export const NO_HINTS: OptionHints = { unknown: () => null, missing: () => null };

/** Names of values that are file names. */
const PATH_VALUES: readonly string[] = ['FILE', 'PATH', 'DIR'];

/** @throws UsageError: an unknown option, a value for one that takes none, or none for one that needs it */
export function scanOptions<Row extends OptionShape>(
  argv: readonly string[],
  rows: readonly Row[],
  hints: OptionHints = NO_HINTS,
): ScannedLine<Row> {
  return new Scan(argv, rows, hints).run();
}

class Scan<Row extends OptionShape> {
  readonly #argv: readonly string[];
  readonly #rows: readonly Row[];
  readonly #hints: OptionHints;
  readonly #options: GivenOption<Row>[] = [];
  readonly #strays: StrayArgument<Row>[] = [];
  #at = 0;

  constructor(argv: readonly string[], rows: readonly Row[], hints: OptionHints) {
    this.#argv = argv;
    this.#rows = rows;
    this.#hints = hints;
  }

  run(): ScannedLine<Row> {
    while (this.#at < this.#argv.length) {
      const word = this.#argv[this.#at++] ?? '';
      if (word === '--') break;
      if (word.startsWith('--')) this.#long(word);
      else if (word.startsWith('-') && word !== '-') this.#shorts(word);
      else this.#stray(word);
    }
    return { options: this.#options, strays: this.#strays, rest: this.#argv.slice(this.#at) };
  }

  #long(word: string): void {
    const equals = word.indexOf('=');
    const spelled = equals === -1 ? word : word.slice(0, equals);
    const attached = equals === -1 ? null : word.slice(equals + 1);
    const row = this.#rows.find(({ long }) => long === spelled.slice(2));
    if (row === undefined) throw this.#unknown(spelled);
    if (row.value === null && attached !== null)
      throw new UsageError(`option '${spelled}' takes no value: found '${attached}'`);
    this.#give(row, spelled, attached);
  }

  #shorts(word: string): void {
    const letters = Array.from(word.slice(1));
    while (letters.length > 0) {
      const letter = letters.shift() ?? '';
      const spelled = `-${letter}`;
      const row = this.#rows.find(({ short, also }) => short === letter || also?.includes(letter) === true);
      if (row === undefined) throw this.#unknown(spelled);
      const attached = row.value === null || letters.length === 0 ? null : letters.splice(0).join('');
      this.#give(row, spelled, attached);
    }
  }

  /** @param attached null: the next argument is the value of an option that takes one */
  #give(row: Row, spelled: string, attached: string | null): void {
    const value = row.value === null ? null : (attached ?? this.#nextValue(row, spelled));
    if (value === '') throw this.#needsValue(row, spelled, null);
    this.#options.push({ row, spelled, value });
  }

  #nextValue(row: Row, spelled: string): string {
    const next = this.#argv[this.#at];
    const isOption = next !== undefined && next.startsWith('-') && row.dashes !== true;
    if (next === undefined || isOption) throw this.#needsValue(row, spelled, next ?? null);
    this.#at++;
    return next;
  }

  #stray(text: string): void {
    const last = this.#options.at(-1);
    const isRightBefore = this.#argv[this.#at - 2]?.startsWith('-') === true;
    this.#strays.push({ text, behind: isRightBefore && last?.row.value === null ? last : null });
  }

  #unknown(spelled: string): UsageError {
    const hint = this.#hints.unknown(spelled);
    const nearest = spelled.startsWith('--')
      ? nearestWord(
          spelled.slice(2),
          this.#rows.map(({ long }) => long),
        )
      : null;
    const help = hint ?? (nearest === null ? null : `did you mean '--${nearest}'?`);
    return new UsageError(`unknown option '${spelled}'${help === null ? '' : `: ${help}`}`);
  }

  #needsValue(row: Row, spelled: string, found: string | null): UsageError {
    const kind = row.value ?? '';
    const isPath = PATH_VALUES.includes(kind);
    const file = found !== null && isPath ? ` (a file of that name is './${found}')` : '';
    const hint = this.#hints.missing(row);
    const what = `option '${spelled}' needs a value${found === null ? '' : `: found '${found}'`}`;
    return new UsageError(`${what}: expected ${kind}${hint === null ? file : `: ${hint}`}`);
  }
}
