/**
 * The checked configuration: what `parse` makes of the text and everything after it reads. Immutable.
 *
 * Every part keeps its place, so that whoever refuses it later can name it.
 */
import { visibleText } from '../sys/print/visible-text.ts';

/** Lines and columns count from 1; a column is a byte's place in its line. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One mistake, printed as `file:line:column: what: expected what`. */
export interface ConfigProblem {
  readonly at: Position;
  /** What is wrong, with the word quoted. */
  readonly what: string;
  /** What was expected there, or null where `what` says all. */
  readonly expected: string | null;
}

/** Forms a record can be written in. `default` depends on the action. */
export type FormatName = 'default' | 'rfc3164' | 'rfc5424' | 'iso' | 'json';

/** When and how far a file is rotated; null: that part is not set here. */
export interface Rotation {
  readonly sizeBytes: number | null;
  /** `hourly`, `daily`, `weekly`, `monthly`. */
  readonly interval: string | null;
  /** Old files that are kept. */
  readonly count: number | null;
}

/** The options by which a rule's place is told; all forms of a record are `format`. */
export type OptionName = 'format' | 'rotate' | 'mode' | 'owner' | 'group' | 'iface' | 'ttl';

/** What stands behind the `;` of a rule. */
export interface ActionOptions {
  /** Place of every option that is set. */
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
  /** `/path` (sync) and `-/path`; also terminals, /dev/console and other devices: what it is shows when opened. */
  | { readonly kind: 'file'; readonly path: string; readonly sync: boolean }
  | { readonly kind: 'fifo'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string }
  /** `port` null: 514. IPv6 literals without brackets. */
  | { readonly kind: 'forward'; readonly host: string; readonly port: number | null }
  | { readonly kind: 'users'; readonly names: readonly string[] }
  | { readonly kind: 'wall' };

/**
 * A list block (`!a,b`, `+host`, …); null instead: no such filter. `quick`: `!!` and `++`.
 * All rules of one block share one object.
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
  /** Place of the action, where it is refused. */
  readonly actionAt: Position;
  /** One byte a facility (25, `mark` last); bit n set: severity n is selected. */
  readonly severityMasks: Uint8Array;
  readonly action: Action;
  readonly options: ActionOptions;
  readonly program: NameFilter | null;
  readonly host: NameFilter | null;
  readonly property: PropertyFilter | null;
}

/** `listen`; same text as `-b`. */
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

/** What directives set; null or empty: not set. Of those with one value the last one counts. */
export interface Directives {
  /** Place of the last line that sets it. */
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

/** All that was sound, and all that was not. */
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
