/**
 * Options of other syslog daemons that mean something else here, or nothing: each is refused with what to write
 * instead, so that a command line for another daemon never does something unintended.
 *
 * Source: syslogd(8) of sysklogd 1.5 and 2.7, FreeBSD 14, NetBSD 10, OpenBSD 7.
 */
import type { OptionHints, OptionShape } from '../command-line/scan-options.ts';

const OTHER_SOCKET = `for another log socket write '-p PATH'`;
const NO_TLS = 'TLS is not supported';
const RECEIVES = 'messages from the network are received by default';
const ONE_SEVERITY = `for a single severity write '=' before it in the selector`;
const FORM = `the format of lines is given after the action, as in '/var/log/messages ;RFC5424'`;

/** Options unknown here. */
const UNKNOWN: ReadonlyMap<string, string> = new Map([
  ['-B', 'receive buffers are as large as privileges allow'],
  ['-g', `for another group write '--group GROUP'`],
  ['-N', `to receive nothing from the network write '-s'`],
  ['-O', FORM],
  ['-o', FORM],
  ['-S', `${OTHER_SOCKET}, and ${NO_TLS}`],
  ['-U', `to listen on an address write '-b ADDR'; ${ONE_SEVERITY}`],
  ['-u', `for another user write '--user USER'; ${ONE_SEVERITY}; ${RECEIVES}`],
  ['-X', 'losses from the kernel log are counted and reported'],
  ['-x', `for no name lookups write '-n'`],
  ['-Z', `the format of lines is given after the action, as in '/var/log/messages ;ISO'`],
]);

/** Options that take a value here, by long name: what to write if it is missing. */
const MISSING: ReadonlyMap<string, string> = new Map([
  ['kernel-cache', 'a kernel log cache; log files are always created'],
  ['rotate', `sizes to rotate at; ${RECEIVES}; for repeats write '-c'`],
]);

/** Options that are flags here, by long name: what to write if a value follows. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['kernel-console', OTHER_SOCKET],
  ['no-kernel', NO_TLS],
  ['keep-kern', NO_TLS],
  ['no-repeats', NO_TLS],
  ['secure', `for the control socket write '--control PATH'`],
  ['receipt-time', `to listen on an address write '-b ADDR', for UDP`],
  ['kernel-time', `to change the root directory write '--chroot DIR'`],
]);

export const FOREIGN_HINTS: OptionHints = {
  unknown: (spelled) => UNKNOWN.get(spelled) ?? null,
  missing: (row) => MISSING.get(row.long) ?? null,
};

/** @returns what to write in place of a flag with a value, or null */
export function flagHint(row: OptionShape): string | null {
  return FLAGS.get(row.long) ?? null;
}
