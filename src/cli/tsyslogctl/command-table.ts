/**
 * Commands, options and exit statuses of tsyslogctl as tables: used to parse the command line and print the usage, and
 * compared with the man page.
 */
import type { OptionShape } from '../command-line/scan-options.ts';
import { optionHead, usageLine } from '../command-line/usage-text.ts';

export const COMMANDS = [
  { name: 'status', args: '[--json]', help: 'show the state of the daemon' },
  { name: 'reload', args: '', help: 'reread the configuration; return when done' },
  { name: 'reopen', args: '', help: 'reopen renamed and removed files' },
  { name: 'rotate', args: '', help: 'rotate all files that have rotation' },
  { name: 'mark', args: '', help: 'write a mark now' },
  { name: 'start', args: '[-- OPTION ...]', help: 'start the daemon; return when it is ready' },
  { name: 'stop', args: '', help: 'stop the daemon; return when it is gone' },
  { name: 'restart', args: '[-- OPTION ...]', help: 'hand over to a new process, losing nothing' },
  { name: 'run', args: '[-- OPTION ...]', help: 'run the daemon in the foreground' },
  { name: 'explain', args: '[-f FILE] [-p PRI] [-t TAG] [TEXT]', help: 'say where a message goes, and why' },
] as const;
export type CommandName = (typeof COMMANDS)[number]['name'];

/** Commands that pass what follows `--` to the daemon. */
export const STARTING: readonly CommandName[] = ['start', 'restart', 'run'];

export interface ControlOption extends OptionShape {
  /** The only command that takes it; null: all do. */
  readonly of: CommandName | null;
  readonly help: string;
}

export const CONTROL_OPTIONS: readonly ControlOption[] = [
  { short: null, long: 'control', value: 'PATH', of: null, help: 'control socket (default: next to the pid file)' },
  { short: 'P', long: 'pid-file', value: 'FILE', of: null, help: 'pid file (default /var/run/tsyslogd.pid)' },
  { short: null, long: 'timeout', value: 'SEC', of: null, help: 'longest wait for the daemon' },
  { short: 'q', long: 'quiet', value: null, of: null, help: 'print only errors' },
  { short: 'v', also: 'V', long: 'version', value: null, of: null, help: 'print the version' },
  { short: '?', also: 'h', long: 'help', value: null, of: null, help: 'print this help' },
  { short: null, long: 'json', value: null, of: 'status', help: "print the daemon's answer unchanged" },
  { short: 'f', long: 'config', value: 'FILE', of: 'explain', help: 'configuration (default /etc/tsyslog.conf)' },
  { short: 'p', long: 'priority', value: 'PRI', of: 'explain', help: 'such as mail.err (default user.notice)' },
  { short: 't', long: 'tag', value: 'PROG[PID]', of: 'explain', help: 'program, and its pid' },
  { short: 'H', long: 'host', value: 'HOST', of: 'explain', help: 'sent over the network by this host' },
  { short: null, long: 'from', value: 'WHERE', of: 'explain', help: 'local, network or kernel (default local)' },
  { short: null, long: 'raw', value: null, of: 'explain', help: 'the text is a whole datagram, with its <PRI>' },
  {
    short: 'o',
    long: 'daemon-options',
    value: 'OPTIONS',
    dashes: true,
    of: 'explain',
    help: 'options the daemon runs with, e.g. "-ss -H"',
  },
];

/** Exit statuses, as in the man page. Those of `status` are LSB's for init scripts. */
export const CTL_EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** `status`: the daemon does not run. */
  notThere: 3,
  /** `reload`, `explain`: there are errors in the configuration. */
  badConfiguration: 3,
  /** `status`: it does not answer. */
  unknown: 4,
  /** `stop`: the deadline passed with unwritten data. */
  dataLeft: 4,
  /** Commands that need a running daemon. */
  notRunning: 7,
} as const;

const HEAD_WIDTH = 30;

/** @returns the usage, each line ended */
export function controlUsage(): string {
  const commands = COMMANDS.map(({ name, args, help }) => usageLine(`${name} ${args}`.trimEnd(), help, HEAD_WIDTH));
  const options = (of: CommandName | null): string[] =>
    CONTROL_OPTIONS.filter((row) => row.of === of).map((row) => usageLine(optionHead(row), row.help, HEAD_WIDTH));
  return [
    'usage: tsyslogctl [option ...] command [option ...]\n',
    ...commands,
    'options:\n',
    ...options(null),
    'options of status:\n',
    ...options('status'),
    'options of explain:\n',
    ...options('explain'),
  ].join('');
}
