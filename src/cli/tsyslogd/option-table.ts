/**
 * The command line of tsyslogd as a table: used to parse it and print the usage, and compared with the man page.
 */
import type { OptionShape } from '../command-line/scan-options.ts';
import { optionHead, usageLine } from '../command-line/usage-text.ts';

export interface OptionRow extends OptionShape {
  readonly help: string;
}

function flag(short: string | null, long: string, help: string): OptionRow {
  return { short, long, value: null, help };
}

function value(short: string | null, long: string, name: string, help: string): OptionRow {
  return { short, long, value: name, help };
}

export const OPTION_TABLE: readonly OptionRow[] = [
  flag('4', 'ipv4', 'use IPv4 only'),
  flag('6', 'ipv6', 'use IPv6 only'),
  flag('8', 'eight-bit', 'pass 8-bit bytes unchanged'),
  flag('A', 'all-addresses', 'forward to every address of a host'),
  value('a', 'allow-peer', 'PEER', 'accept remote messages only from this peer; repeatable'),
  value('b', 'bind', 'ADDR', 'listen on ADDR[:PORT], :PORT or [V6]:PORT; repeatable (default :514)'),
  value('C', 'kernel-cache', 'FILE', 'cache of the last kernel sequence number'),
  flag('c', 'no-repeats', 'do not suppress repeats for pipes; twice: for any destination'),
  flag('d', 'debug', 'debug output on stderr, stay in the foreground'),
  flag('F', 'foreground', 'stay in the foreground'),
  value('f', 'config', 'FILE', 'configuration (default /etc/tsyslog.conf)'),
  flag('H', 'keep-host', 'keep the host name in the message'),
  flag('K', 'no-kernel', 'do not read the kernel log'),
  flag('k', 'keep-kern', 'keep facility kern in messages not from the kernel'),
  flag('l', 'kernel-console', "leave the kernel's console logging on"),
  value('m', 'mark', 'MIN', 'minutes between marks, 0 for none (default 20)'),
  value('M', 'udp-size', 'BYTES', 'longest forwarded UDP payload (default 1024)'),
  flag('n', 'no-dns', 'no reverse DNS'),
  value('P', 'pid-file', 'FILE', 'pid file (default /var/run/tsyslogd.pid)'),
  value('p', 'socket', 'PATH', 'log socket; repeatable, replaces the default (/dev/log)'),
  value('r', 'rotate', 'SIZE[:N]', 'rotate files without a rotation setting'),
  flag('s', 'secure', 'receive nothing from the network; twice: open no network socket'),
  flag('T', 'receipt-time', "use the time of receipt, not the message's"),
  flag('t', 'kernel-time', "always trust the kernel's timestamps"),
  { ...flag('v', 'version', 'print the version; -v and -V must be used alone'), also: 'V' },
  { ...flag('?', 'help', 'print this help; -h must be used alone'), also: 'h' },
  flag(null, 'kernel-log', 'read the kernel log even in a container'),
  flag(null, 'check', 'check the configuration, print every error, exit 0 or 3'),
  value(null, 'receiver', 'KIND', 'batch or portable'),
  value(null, 'user', 'USER', 'drop privileges and become USER'),
  value(null, 'group', 'GROUP', 'drop privileges and become GROUP'),
  value(null, 'chroot', 'DIR', 'change the root directory to DIR'),
  value(null, 'umask', 'MODE', 'octal umask for new files (default 022)'),
  value(null, 'control', 'PATH', 'control socket, or none (default: next to the pid file, .ctl)'),
  value(null, 'control-pipe', 'PATH', 'FIFO that accepts commands'),
];

const HEAD_WIDTH = 28;

/** @returns the usage, one option per line, each line ended */
export function usageText(): string {
  const lines = OPTION_TABLE.map((row) => usageLine(optionHead(row), row.help, HEAD_WIDTH));
  return `usage: tsyslogd [option ...]\n${lines.join('')}`;
}
