/**
 * The command line of tsyslogctl, checked: one command, with options before or after it.
 */
import { nearestWord } from '../../conf/words/suggest.ts';
import { scanOptions } from '../command-line/scan-options.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { spellOption } from '../command-line/usage-text.ts';
import { COMMANDS, type CommandName, CONTROL_OPTIONS, STARTING } from './command-table.ts';

/** A checked command line. */
export interface ControlRequest {
  readonly command: CommandName | 'help' | 'version';
  /** Null: next to the pid file. */
  readonly control: string | null;
  /** Null: the default. */
  readonly pidFile: string | null;
  /** Null: the command's default. */
  readonly timeoutMs: number | null;
  readonly quiet: boolean;
  readonly json: boolean;
  /** The arguments after `--`, for the daemon. */
  readonly daemonArgs: readonly string[];
  /** The values of options of `explain`, by long name; a flag is an empty string. */
  readonly explain: ReadonlyMap<string, string>;
  /** The arguments of `explain`, joined; null: none. */
  readonly text: string | null;
}

const TIMEOUT_MAX_SEC = 3600;

/** @throws UsageError */
export function parseControlArgs(argv: readonly string[]): ControlRequest {
  const { values, positionals, behind } = collect(argv);
  const [word, ...rest] = positionals;
  const command = commandOf(word, values);
  const starts = STARTING.some((name) => name === command);
  const args = starts ? rest : [...rest, ...behind];
  if (command !== 'help' && command !== 'version') {
    refuseForeignOptions(command, values);
    refuseArguments(command, args, starts);
  }
  return {
    command,
    control: values.get('control') ?? null,
    pidFile: values.get('pid-file') ?? null,
    timeoutMs: timeoutMs(values.get('timeout')),
    quiet: values.has('quiet'),
    json: values.has('json'),
    daemonArgs: starts ? behind : [],
    explain: values,
    text: command === 'explain' && args.length > 0 ? args.join(' ') : null,
  };
}

function refuseForeignOptions(command: CommandName, values: ReadonlyMap<string, string>): void {
  for (const row of CONTROL_OPTIONS)
    if (row.of !== null && row.of !== command && values.has(row.long))
      throw new UsageError(`option '${spellOption(row)}' is for '${row.of}': found command '${command}'`);
}

function refuseArguments(command: CommandName, [first]: readonly string[], starts: boolean): void {
  if (command === 'explain' || first === undefined) return;
  const hint = starts ? `daemon options after '--'` : 'nothing after the command';
  throw new UsageError(`unexpected argument '${first}': expected ${hint}`);
}

interface Collected {
  readonly values: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
  /** After `--`. */
  readonly behind: readonly string[];
}

function collect(argv: readonly string[]): Collected {
  const { options, strays, rest } = scanOptions(argv, CONTROL_OPTIONS);
  const values = new Map(options.map(({ row, value }) => [row.long, value ?? '']));
  return { values, positionals: strays.map(({ text }) => text), behind: rest };
}

function commandOf(word: string | undefined, values: ReadonlyMap<string, string>): ControlRequest['command'] {
  if (values.has('help')) return 'help';
  if (values.has('version')) return 'version';
  const names = COMMANDS.map(({ name }) => name);
  const found = names.find((name) => name === word);
  if (found !== undefined) return found;
  const nearest = word === undefined ? null : nearestWord(word, names);
  if (nearest !== null) throw new UsageError(`unknown command '${word}': did you mean '${nearest}'?`);
  const what = word === undefined ? 'no command' : `unknown command '${word}'`;
  throw new UsageError(`${what}: expected one of ${names.join(', ')}`);
}

function timeoutMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || seconds === 0 || seconds > TIMEOUT_MAX_SEC)
    throw new UsageError(`bad value '${text}' for option '--timeout': expected seconds, up to ${TIMEOUT_MAX_SEC}`);
  return seconds * 1000;
}
