/**
 * The options, in the order in which an ambiguous abbreviation lists them.
 */
import type { OptionRow } from './getopt.ts';

export interface LoggerOption extends OptionRow {
  /** Name of the value; null: takes none. */
  readonly value: string | null;
  /** For the summary. */
  readonly help: string;
}

type Argument = LoggerOption['argument'];

/** @param names `-t`, `--tag`, `-t, --tag`; the value as in the summary, in brackets where it may be missing */
function option(names: string, help: string): LoggerOption {
  const found = /^(?:-(\w))?(?:, )?(?:--([\w-]+))?(?:\[=(\w+)\]| (\w+))?$/.exec(names);
  const [, short = null, long = null, optional, required] = found ?? [];
  const argument: Argument = required === undefined ? (optional === undefined ? 'none' : 'optional') : 'required';
  return { short, long, argument, value: required ?? optional ?? null, help };
}

export const LOGGER_OPTIONS: readonly LoggerOption[] = [
  option('-i', 'add the pid of this process'),
  option('--id[=ID]', 'add ID, or the pid of this process'),
  option('-s, --stderr', 'print messages on standard error, too'),
  option('-f, --file FILE', 'log the lines of FILE'),
  option('--no-act', 'do everything but send'),
  option('-p, --priority PRI', 'facility.level or level (default user.notice)'),
  option('-t, --tag TAG', 'name of the sender (default the login name)'),
  option('-u, --socket PATH', 'send to this Unix socket (default /dev/log)'),
  option('--socket-errors MODE', 'on, off or auto: complain if there is no socket'),
  option('-d, --udp', 'datagrams only'),
  option('-T, --tcp', 'streams only'),
  option('-n, --server HOST', 'send to this host'),
  option('-P, --port PORT', 'to this port or service'),
  option('-V, --version', 'print the version'),
  option('-h, --help', 'print this summary'),
  option('--octet-count', 'put its length before each message (RFC 6587)'),
  option('--prio-prefix', 'lines may begin with <PRI>'),
  option('--rfc3164', 'format of RFC 3164'),
  option('--rfc5424[=LIST]', 'format of RFC 5424, without notime, notq, nohost'),
  option('-S, --size SIZE', 'longest text of a message (default 1KiB)'),
  option('--msgid MSGID', 'MSGID of RFC 5424'),
  option('-e, --skip-empty', 'no messages for empty lines'),
  option('--sd-id ID', 'begin an element of structured data'),
  option('--sd-param PARAM', 'add a parameter to it: name="value"'),
  option('--journald[=FILE]', 'send an entry to the journal'),
  option('--wait[=SEC]', 'fail unless the messages are taken (default 10 s)'),
];
