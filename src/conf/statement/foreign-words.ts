/**
 * What to write here in place of what other daemons use: tables only. Every entry completes "expected …".
 *
 * Source: rsyslog.conf(5) and its directives, syslog-ng.conf(5), syslog.conf(5) of OpenBSD.
 */

/** A rule in this daemon's language. */
export const RULE = 'a rule: selectors and an action, such as `mail.* /var/log/mail`';
const FORMAT = 'one of the options `;RFC3164`, `;RFC5424`, `;ISO`, `;JSON` behind the action of a rule';
const FILTER = 'a block on a line of its own before the rules: `!program`, `+host` or `:property, operator, "value"`';
export const QUICK = 'the quick blocks `!!program` and `++host`';
export const DISCARD = 'a quick block, `!!program` or `++host`, before the rules: no later rule sees what they take';
const NO_MODULES = 'nothing: log sockets, the log of the kernel and UDP need no module';
const LISTEN = '`listen ADDRESS:PORT` or option `-b`';
export const NO_TCP = '`@host`, which sends over UDP: forwarding over TCP is not possible yet';
const NO_TCP_INPUT = '`listen ADDRESS:PORT` for UDP: receiving over TCP is not possible yet';
const QUEUES = 'nothing: every destination has a queue in memory, and tries again by itself';
const ONE_SET = `one set of rules, with ${FILTER}`;
const FOLDERS = 'nothing: folders are not made, make them first';
export const NOTHING = 'nothing: there is nothing like it here';

/** rsyslog statements, `name(…)`, by name. */
export const RSYSLOG_STATEMENTS: ReadonlyMap<string, string> = new Map([
  ['module', NO_MODULES],
  ['action', RULE],
  ['ruleset', ONE_SET],
  ['template', FORMAT],
  ['global', 'a directive such as `max_message 8k`, or an option of the command line'],
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
  ['outchannel', 'the option `;rotate=SIZE:COUNT` behind the path'],
  ['fileowner', 'the option `;owner=NAME` behind the path'],
  ['filegroup', 'the option `;group=NAME` behind the path'],
  ['filecreatemode', '`file_mode BITS`, or the option `;mode=BITS` behind the path'],
  ['umask', 'option `--umask` of the command line'],
  ['privdroptouser', 'option `--user` of the command line'],
  ['privdroptouserid', 'option `--user` of the command line'],
  ['privdroptogroup', 'option `--group` of the command line'],
  ['privdroptogroupid', 'option `--group` of the command line'],
  ['maxmessagesize', '`max_message SIZE`'],
  ['udpserverrun', '`listen :PORT` or option `-b`'],
  ['udpserveraddress', LISTEN],
  ['inputtcpserverrun', NO_TCP_INPUT],
  ['repeatedmsgreduction', 'option `-c` of the command line'],
  ['klogpermitnonkernelfacility', 'option `-k` of the command line'],
  ['allowedsender', 'option `-a` of the command line'],
  ['markmessageperiod', 'option `-m` of the command line'],
  ['localhostname', NOTHING],
  ['workdirectory', 'nothing: there is nothing to keep in a folder'],
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
  ['inputunixlistensocket', 'option `-p` of the command line'],
  ['addunixlistensocket', 'option `-p` of the command line'],
  ['systemlogsocket', 'option `-p` of the command line'],
  ['omitlocallogging', 'option `-p` of the command line'],
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
  ['options', 'directives such as `max_message 8k`, and options of the command line'],
  ['source', `${LISTEN}: log sockets and the log of the kernel are read without being named`],
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
