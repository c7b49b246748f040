/**
 * The checked configuration: the result of `parse`, read by everything after it. Immutable.
 *
 * Every part keeps its place in the text, so that it can be named if it is refused later.
 */
import { visibleText } from '../sys/print/visible-text.ts';

/** Lines and columns count from 1; a column counts bytes. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One mistake, printed as `file:line:column: what: expected what`. */
export interface ConfigProblem {
  readonly at: Position;
  /** What is wrong, quoting the word. */
  readonly what: string;
  /** What was expected instead, or null if `what` says it all. */
  readonly expected: string | null;
}

/** Formats of a record. `default` depends on the action. */
export type FormatName = 'default' | 'rfc3164' | 'rfc5424' | 'iso' | 'json';

/** When a file is rotated and how many old ones are kept; null: that part is not set here. */
export interface Rotation {
  readonly sizeBytes: number | null;
  /** `hourly`, `daily`, `weekly`, `monthly`. */
  readonly interval: string | null;
  /** Number of old files to keep. */
  readonly count: number | null;
}

/** Options whose place in the text is kept; all formats of a record are `format`. */
export type OptionName = 'format' | 'rotate' | 'mode' | 'owner' | 'group' | 'iface' | 'ttl';

/** The options after the `;` of a rule. */
export interface ActionOptions {
  /** Place of each option that is set. */
  readonly at: Readonly<Partial<Record<OptionName, Position>>>;
  readonly format: FormatName;
  readonly rotation: Rotation | null;
  /** Permission bits, e.g. 0o640; null: `file_mode`. */
  readonly mode: number | null;
  readonly owner: string | null;
  readonly group: string | null;
  readonly iface: string | null;
  readonly ttl: number | null;
}

export type Action =
  /** `/path` (sync) and `-/path`; also terminals, /dev/console and other devices: which one it is shows on opening. */
  | { readonly kind: 'file'; readonly path: string; readonly sync: boolean }
  | { readonly kind: 'fifo'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string }
  /** `port` null: 514. IPv6 literals without brackets. */
  | { readonly kind: 'forward'; readonly host: string; readonly port: number | null }
  | { readonly kind: 'users'; readonly names: readonly string[] }
  | { readonly kind: 'wall' };

/**
 * A list block (`!a,b`, `+host`, …); null in its place: no such filter. `quick`: `!!` and `++`. All rules of one block
 * share one object.
 */
export interface NameFilter {
  readonly at: Position;
  /** Whole names. `@` in a host list is this host's own name. */
  readonly names: readonly string[];
  readonly exclude: boolean;
  readonly quick: boolean;
}

export type PropertyName = 'msg' | 'msgid' | 'sd' | 'hostname' | 'programname';
export type PropertyOperator = 'contains' | 'isequal' | 'startswith' | 'regex' | 'ereregex';

export interface PropertyFilter {
  readonly at: Position;
  readonly property: PropertyName;
  readonly operator: PropertyOperator;
  readonly negate: boolean;
  readonly ignoreCase: boolean;
  readonly value: string;
}

export interface Rule {
  readonly at: Position;
  /** Place of the action, for errors about it. */
  readonly actionAt: Position;
  /** One byte per facility (25, `mark` last); bit n set: severity n is selected. */
  readonly severityMasks: Uint8Array;
  readonly action: Action;
  readonly options: ActionOptions;
  readonly program: NameFilter | null;
  readonly host: NameFilter | null;
  readonly property: PropertyFilter | null;
}

/** `listen`; same form as `-b`. */
export interface ListenAddress {
  readonly host: string | null;
  readonly port: number | null;
  readonly iface: string | null;
}

export type DirectiveName =
  | 'listen'
  | 'secure_mode'
  | 'udp_size'
  | 'rotate_size'
  | 'rotate_count'
  | 'notify'
  | 'max_message'
  | 'file_mode'
  | 'memory';

/** What directives set; null or empty: not set. For those with one value the last line wins. */
export interface Directives {
  /** Place of the last line that sets each. */
  readonly at: Readonly<Partial<Record<DirectiveName, Position>>>;
  readonly listen: readonly ListenAddress[];
  readonly secureMode: number | null;
  readonly udpSizeBytes: number | null;
  readonly rotateSizeBytes: number | null;
  readonly rotateCount: number | null;
  readonly notify: readonly string[];
  readonly maxMessageBytes: number | null;
  readonly fileMode: number | null;
  /** What all queues together may hold. */
  readonly memoryBytes: number | null;
}

export interface Configuration {
  /** Every file that was read, the main one first. */
  readonly files: readonly string[];
  readonly rules: readonly Rule[];
  readonly directives: Directives;
}

/** Everything that was valid, and everything that was not. */
export interface ParsedConfiguration {
  readonly configuration: Configuration;
  readonly problems: readonly ConfigProblem[];
}

/** @returns `file:line:column: what: expected what`, safe for a terminal. */
export function formatProblem(problem: ConfigProblem): string {
  const { file, line, column } = problem.at;
  const expected = problem.expected === null ? '' : `: expected ${problem.expected}`;
  return visibleText(`${file}:${line}:${column}: ${problem.what}${expected}`);
}
