/**
 * What to write here in place of what other daemons use: tables only. Every entry completes "expected …".
 *
 * Source: rsyslog.conf(5) and its directives, syslog-ng.conf(5), syslog.conf(5) of OpenBSD.
 */

/** A rule in this daemon's language. */
export const RULE = 'a rule: selectors and an action, such as `mail.* /var/log/mail`';
const FORMAT = 'one of the options `;RFC3164`, `;RFC5424`, `;ISO`, `;JSON` after the action of a rule';
const FILTER = 'a block on a line of its own before the rules: `!program`, `+host` or `:property, operator, "value"`';
export const QUICK = 'the quick blocks `!!program` and `++host`';
export const DISCARD = 'a quick block, `!!program` or `++host`, before the rules: no later rule sees what they take';
const NO_MODULES = 'nothing: log sockets, the kernel log and UDP need no module';
const LISTEN = '`listen ADDRESS:PORT` or option `-b`';
export const NO_TCP = '`@host`, which sends over UDP: forwarding over TCP is not supported yet';
const NO_TCP_INPUT = '`listen ADDRESS:PORT` for UDP: receiving over TCP is not supported yet';
const QUEUES = 'nothing: every destination has a queue in memory, and retries by itself';
const ONE_SET = `one set of rules, with ${FILTER}`;
const FOLDERS = 'nothing: directories are not created, create them first';
export const NOTHING = 'nothing: there is no equivalent here';

/** rsyslog statements, `name(…)`, by name. */
export const RSYSLOG_STATEMENTS: ReadonlyMap<string, string> = new Map([
  ['module', NO_MODULES],
  ['action', RULE],
  ['ruleset', ONE_SET],
  ['template', FORMAT],
  ['global', 'a directive such as `max_message 8k`, or a command-line option'],
  ['main_queue', QUEUES],
  ['timezone', NOTHING],
  ['parser', NOTHING],
  ['lookup_table', NOTHING],
  ['dyn_stats', NOTHING],
  ['perctile_stats', NOTHING],
  ['ratelimit', NOTHING],
]);
/** The one that looks much like ours. */
export const RSYSLOG_INCLUDE = '`include PATTERN`, without parentheses';

/** rsyslog statements without parentheses, by their first word. */
export const RSYSLOG_WORDS: ReadonlyMap<string, string> = new Map([
  ['if', FILTER],
  ['else', FILTER],
  ['stop', DISCARD],
  ['call', ONE_SET],
  ['call_indirect', ONE_SET],
  ['set', NOTHING],
  ['unset', NOTHING],
  ['reset', NOTHING],
  ['foreach', NOTHING],
  ['continue', NOTHING],
]);

/** rsyslog directives, `$Name value`, by name in lower case. */
const RSYSLOG_DIRECTIVES: ReadonlyMap<string, string> = new Map([
  ['modload', NO_MODULES],
  ['moddir', NO_MODULES],
  ['includeconfig', '`include` and the pattern'],
  ['template', FORMAT],
  ['actionfiledefaulttemplate', FORMAT],
  ['actionforwarddefaulttemplate', FORMAT],
  ['outchannel', 'the option `;rotate=SIZE:COUNT` after the path'],
  ['fileowner', 'the option `;owner=NAME` after the path'],
  ['filegroup', 'the option `;group=NAME` after the path'],
  ['filecreatemode', '`file_mode BITS`, or the option `;mode=BITS` after the path'],
  ['umask', 'command-line option `--umask`'],
  ['privdroptouser', 'command-line option `--user`'],
  ['privdroptouserid', 'command-line option `--user`'],
  ['privdroptogroup', 'command-line option `--group`'],
  ['privdroptogroupid', 'command-line option `--group`'],
  ['maxmessagesize', '`max_message SIZE`'],
  ['udpserverrun', '`listen :PORT` or option `-b`'],
  ['udpserveraddress', LISTEN],
  ['inputtcpserverrun', NO_TCP_INPUT],
  ['repeatedmsgreduction', 'command-line option `-c`'],
  ['klogpermitnonkernelfacility', 'command-line option `-k`'],
  ['allowedsender', 'command-line option `-a`'],
  ['markmessageperiod', 'command-line option `-m`'],
  ['localhostname', NOTHING],
  ['workdirectory', 'nothing: there is nothing to keep in a directory'],
  ['createdirs', FOLDERS],
  ['ruleset', ONE_SET],
]);

/** Begins of names of directives. */
const RSYSLOG_FAMILIES: readonly (readonly [begin: string, expected: string])[] = [
  ['dir', FOLDERS],
  ['actionqueue', QUEUES],
  ['mainmsgqueue', QUEUES],
  ['actionresume', QUEUES],
  ['inputtcp', NO_TCP_INPUT],
  ['inputudp', LISTEN],
  ['inputunixlistensocket', 'command-line option `-p`'],
  ['addunixlistensocket', 'command-line option `-p`'],
  ['systemlogsocket', 'command-line option `-p`'],
  ['omitlocallogging', 'command-line option `-p`'],
  ['default', NOTHING],
];

/** What an rsyslog input corresponds to here. @param text of the statement */
export function rsyslogInput(text: string): string {
  if (/\bim(?:p|gss)?tcp\b/.test(text)) return NO_TCP_INPUT;
  return /\bim(?:udp|uxsock|klog|kmsg|journal)\b/.test(text) ? LISTEN : NOTHING;
}

/** @param name after its `$`. @returns null if rsyslog has no such directive either */
export function rsyslogDirective(name: string): string | null {
  const lower = name.toLowerCase();
  const family = RSYSLOG_FAMILIES.find(([begin]) => lower.startsWith(begin));
  return RSYSLOG_DIRECTIVES.get(lower) ?? family?.[1] ?? null;
}

/** rsyslog templates that have an equivalent here, by name. */
export const RSYSLOG_TEMPLATES: ReadonlyMap<string, string> = new Map([
  ['RSYSLOG_TraditionalFileFormat', 'no option: it is the default'],
  ['RSYSLOG_FileFormat', 'a blank and `;ISO`'],
  ['RSYSLOG_SyslogProtocol23Format', 'a blank and `;RFC5424`'],
  ['RSYSLOG_TraditionalForwardFormat', 'a blank and `;RFC3164`'],
  ['RSYSLOG_ForwardFormat', 'a blank and `;RFC5424`'],
]);
export const ANY_TEMPLATE = 'a blank and one of `;RFC3164`, `;RFC5424`, `;ISO`, `;JSON`';

/** syslog-ng statements, by their first word. */
export const SYSLOG_NG_WORDS: ReadonlyMap<string, string> = new Map([
  ['@version', RULE],
  ['@include', '`include PATTERN`'],
  ['@define', NOTHING],
  ['@module', NO_MODULES],
  ['@requires', NO_MODULES],
  ['options', 'directives such as `max_message 8k`, and command-line options'],
  ['source', `${LISTEN}: log sockets and the kernel log are read without being named`],
  ['destination', RULE],
  ['log', RULE],
  ['filter', FILTER],
  ['template', FORMAT],
  ['rewrite', NOTHING],
  ['parser', NOTHING],
  ['block', NOTHING],
]);

/** rsyslog actions after `:`, by name: `:omusrmsg:*` and the like. */
export const RSYSLOG_OUTPUTS: ReadonlyMap<string, string> = new Map([
  ['omusrmsg', '`*` or the names of users'],
  ['omfile', 'a path, with the option `;rotate=SIZE:COUNT` to rotate it'],
  ['omprog', '`|command`'],
  ['omfwd', '`@host`'],
  ['omdiscard', DISCARD],
]);
