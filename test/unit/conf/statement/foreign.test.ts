/**
 * Configurations of other daemons: each thing is named as theirs, with what to write here, and never half understood.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRule, MAIN, parseText, problemsOf } from '../../../support/conf-source.ts';

const RULE = 'a rule: selectors and an action, such as `mail.* /var/log/mail`';
const FORMAT = 'one of the options `;RFC3164`, `;RFC5424`, `;ISO`, `;JSON` after the action of a rule';
const FILTER = 'a block on a line of its own before the rules: `!program`, `+host` or `:property, operator, "value"`';
const DISCARD = 'a quick block, `!!program` or `++host`, before the rules: no later rule sees what they take';
const NO_MODULES = 'nothing: log sockets, the kernel log and UDP need no module';
const LISTEN = '`listen ADDRESS:PORT` or option `-b`';
const NO_TCP = '`@host`, which sends over UDP: forwarding over TCP is not supported yet';
const NO_TCP_INPUT = '`listen ADDRESS:PORT` for UDP: receiving over TCP is not supported yet';
const ONE_SET = `one set of rules, with ${FILTER}`;
const NOTHING = 'nothing: there is no equivalent here';
const SOURCES = `${LISTEN}: log sockets and the kernel log are read without being named`;

/** Of rsyslog: the line, the word that is named and its column, and what is expected. */
const RSYSLOG: readonly (readonly [line: string, word: string, column: number, expected: string])[] = [
  ['module(load="imuxsock") # local messages', 'module(', 1, NO_MODULES],
  ['module (load="imtcp")', 'module(', 1, NO_TCP_INPUT],
  ['input(type="imudp" port="514")', 'input(', 1, LISTEN],
  ['input(type="imtcp" port="514")', 'input(', 1, NO_TCP_INPUT],
  ['input(type="imfile" File="/x")', 'input(', 1, NOTHING],
  ['global(workDirectory="/x")', 'global(', 1, 'a directive such as `max_message 8k`, or a command-line option'],
  ['ruleset(name="x") { stop }', 'ruleset(', 1, ONE_SET],
  ['template(name="t" type="string" string="%msg%")', 'template(', 1, FORMAT],
  ['action(type="omfile" file="/var/log/x")', 'action(', 1, RULE],
  ['include(file="/etc/rsyslog.d/*.conf")', 'include(', 1, '`include PATTERN`, without parentheses'],
  ['$ModLoad imuxsock', '$ModLoad', 1, NO_MODULES],
  ['$modload imuxsock', '$modload', 1, NO_MODULES],
  ['$IncludeConfig /etc/rsyslog.d/*.conf', '$IncludeConfig', 1, '`include /etc/rsyslog.d/*.conf`'],
  ['$IncludeConfig', '$IncludeConfig', 1, '`include` and the pattern'],
  ['$template t,"%msg%\\n"', '$template', 1, FORMAT],
  ['$ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat', '$ActionFileDefaultTemplate', 1, FORMAT],
  ['$FileOwner syslog', '$FileOwner', 1, 'the option `;owner=NAME` after the path'],
  ['$FileGroup adm', '$FileGroup', 1, 'the option `;group=NAME` after the path'],
  ['$FileCreateMode 0640', '$FileCreateMode', 1, '`file_mode BITS`, or the option `;mode=BITS` after the path'],
  ['$DirCreateMode 0755', '$DirCreateMode', 1, 'nothing: directories are not created, create them first'],
  ['$Umask 0022', '$Umask', 1, 'command-line option `--umask`'],
  ['$PrivDropToUser syslog', '$PrivDropToUser', 1, 'command-line option `--user`'],
  ['$WorkDirectory /var/spool/rsyslog', '$WorkDirectory', 1, 'nothing: there is nothing to keep in a directory'],
  ['$UDPServerRun 514', '$UDPServerRun', 1, '`listen :PORT` or option `-b`'],
  ['$InputTCPServerRun 514', '$InputTCPServerRun', 1, NO_TCP_INPUT],
  [
    '$ActionQueueType LinkedList',
    '$ActionQueueType',
    1,
    'nothing: every destination has a queue in memory, and retries by itself',
  ],
  ['$MaxMessageSize 8k', '$MaxMessageSize', 1, '`max_message SIZE`'],
  ['if $programname == "x" then /var/log/x', 'if', 1, FILTER],
  ['if ($msg contains "x") then stop', 'if', 1, FILTER],
  ['else stop', 'else', 1, FILTER],
  ['set $.x = 1;', 'set', 1, NOTHING],
  ['call remote', 'call', 1, ONE_SET],
  ['stop', 'stop', 1, DISCARD],
  ['~', '~', 1, DISCARD],
  ['& stop', '& stop', 1, DISCARD],
  ['& ~', '& ~', 1, DISCARD],
  ['&~', '&~', 1, DISCARD],
  ['& /var/log/x', '&', 1, 'the selectors again, and the action'],
  ['*.* stop', 'stop', 5, DISCARD],
  ['*.* ~', '~', 5, DISCARD],
  ['*.* call remote', 'call', 5, ONE_SET],
  ['*.* action(type="omfile" file="/x")', 'action(', 5, RULE],
  ['*.* ?Dynamic', '?Dynamic', 5, 'a path: one rule per file, under blocks'],
  ['*.* -?Dynamic;Form', '-?Dynamic;Form', 5, 'a path: one rule per file, under blocks'],
  ['*.emerg :omusrmsg:*', ':omusrmsg:*', 9, '`*` or the names of users'],
  ['*.* :omprog:/bin/x', ':omprog:/bin/x', 5, '`|command`'],
  ['*.* ^/bin/x;Form', '^/bin/x;Form', 5, '`|command`'],
  ['*.* >localhost,db,user,pass', '>localhost,db,user,pass', 5, '`|command`, with a client of the database'],
  ['*.* @@host', '@@host', 5, NO_TCP],
  ['*.* @@(o)host:10514', '@@(o)host:10514', 5, NO_TCP],
  ['*.* @@host:10514;RSYSLOG_ForwardFormat', '@@host:10514;RSYSLOG_ForwardFormat', 5, NO_TCP],
  ['*.* @(z9)host', '@(z9)host', 5, '`@host`, without options in parentheses'],
  ['*.* /x;RSYSLOG_TraditionalFileFormat', 'RSYSLOG_TraditionalFileFormat', 7, 'no option: it is the default'],
  ['*.* @h;RSYSLOG_SyslogProtocol23Format', 'RSYSLOG_SyslogProtocol23Format', 7, 'a blank and `;RFC5424`'],
  ['*.* /x ;RSYSLOG_FileFormat', 'RSYSLOG_FileFormat', 9, 'a blank and `;ISO`'],
  [
    '*.* /x ;RSYSLOG_DebugFormat',
    'RSYSLOG_DebugFormat',
    9,
    'a blank and one of `;RFC3164`, `;RFC5424`, `;ISO`, `;JSON`',
  ],
];

for (const [line, word, column, expected] of RSYSLOG) {
  test(`rsyslog: ${line}`, () => {
    const parsed = parseText(`${line}\n*.* /sound\n`);
    assert.deepEqual(problemsOf(parsed), [`${MAIN}:1:${column}: \`${word}\` is rsyslog syntax: expected ${expected}`]);
    assert.deepEqual(parsed.configuration.rules.map(describeRule), ['/sound']);
  });
}

/** Of syslog-ng, one line each. */
const SYSLOG_NG: readonly (readonly [line: string, word: string, expected: string])[] = [
  ['@version: 3.38', '@version', RULE],
  ['@include "scl.conf"', '@include', '`include PATTERN`'],
  ['source s_src { system(); internal(); };', 'source s_src {', SOURCES],
  ['destination d_x { file("/var/log/x"); };', 'destination d_x {', RULE],
  ['filter f_x { level(debug); };', 'filter f_x {', FILTER],
  ['log { source(s_src); destination(d_x); };', 'log {', RULE],
  ['options { use_dns(no); };', 'options {', 'directives such as `max_message 8k`, and command-line options'],
];

for (const [line, word, expected] of SYSLOG_NG) {
  test(`syslog-ng: ${line}`, () => {
    const parsed = parseText(`${line}\n*.* /sound\n`);
    assert.deepEqual(problemsOf(parsed), [`${MAIN}:1:1: \`${word}\` is syslog-ng syntax: expected ${expected}`]);
    assert.deepEqual(parsed.configuration.rules.map(describeRule), ['/sound']);
  });
}

test('targets of OpenBSD', () => {
  for (const [target, expected] of [
    ['@tcp://host:601', NO_TCP],
    ['@tls4://host', NO_TCP],
    ['@udp://host', '`@host`'],
  ] as const)
    assert.deepEqual(problemsOf(parseText(`*.* ${target}`)), [
      `${MAIN}:1:5: \`${target}\` is OpenBSD syntax: expected ${expected}`,
    ]);
});

test("rsyslog's filter and action on one line", () => {
  const end = 'expected the end of the line';
  assert.deepEqual(problemsOf(parseText(':msg, contains, "x" ~\n:*\n:msg, contains, "x" stop')), [
    `${MAIN}:1:21: unexpected \`~\` after the value: ${end}: only the quick blocks \`!!program\` and \`++host\` keep messages from later rules`,
    `${MAIN}:3:21: unexpected \`stop\` after the value: ${end}: only the quick blocks \`!!program\` and \`++host\` keep messages from later rules`,
  ]);
});

/** Statements over several lines; rules inside of them are none. */
const LONG: readonly string[] = [
  'module(load="imklog"   # the kernel\n  permitnonkernelfacility="on")',
  'template(name="t" type="string"\n  string="%msg%)\\n")',
  'template(name="t" type="list") {\n  property(name="msg")\n  constant(value="}\\"{")\n}',
  'if $msg contains "a" then\n  /never',
  'if $msg contains "a" or\n   $msg contains \'b{\' then {\n  *.* /never\n  stop\n} else if $x == 1 then {\n  -/never\n}',
  'if $a then\n{\n  !prog\n  *.* /never\n  & stop\n}',
  'source s {\n  system();\n  internal();\n};',
  'destination d {\n  file("/var/log/x"\n    owner("root"));\n};',
  'template(name="t" string="over\n*.* /never\nlines")',
];

for (const text of LONG) {
  test(`one mistake, over several lines: ${JSON.stringify(text.slice(0, 50))}`, () => {
    const parsed = parseText(`*.* /before\n${text}\n*.* /after\n`);
    assert.equal(parsed.problems.length, 1, problemsOf(parsed).join('\n'));
    assert.equal(parsed.problems[0]?.at.line, 2);
    assert.deepEqual(parsed.configuration.rules.map(describeRule), ['/before', '/after']);
  });
}

test('a statement without an end takes nothing with it', () => {
  const parsed = parseText('*.* /a\nif $x then {\n!prog\n*.* /b\nmodule(load="x"\nmial.* /c\n*.* /d\n');
  assert.deepEqual(
    parsed.problems.map(({ at }) => at.line),
    [2, 5, 6],
  );
  assert.deepEqual(parsed.configuration.rules.map(describeRule), ['/a', '/b [!prog]', '/d [!prog]']);
});

test('very many statements without an end take no more time than other mistakes', () => {
  const parsed = parseText('if {\n'.repeat(100_000));
  assert.equal(parsed.problems.length, 100_000);
});

test('what is our own stays our own', () => {
  const text = [
    'include /etc/t.d/*.conf',
    'listen :514',
    '*.* stopper,iffy',
    '*.* |if true; then cat; fi',
    '*.* /module(x)',
  ];
  const parsed = parseText(text.join('\n'));
  assert.deepEqual(problemsOf(parsed), []);
  assert.deepEqual(parsed.configuration.rules.map(describeRule), [
    'users stopper iffy',
    'command if true; then cat; fi',
    '/module(x)',
  ]);
});
