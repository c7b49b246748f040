/**
 * Every mistake of a configuration, with the exact line that is printed for it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAIN, parseText, problemsOf } from '../../support/conf-source.ts';

const ACTION = 'expected a path, `|command`, `@host`, `*` or user names';
const FACILITY = 'expected a facility such as `mail`, or `*`';
const PRIORITY = 'expected a priority such as `err`, `none` or `*`';
const OPTION = 'expected one of RFC3164, RFC5424, ISO, JSON, rotate=, mode=, owner=, group=, iface=, ttl=';
const DIRECTIVE =
  'expected one of include, listen, secure_mode, udp_size, rotate_size, rotate_count, notify, max_message, file_mode, memory';
const PROPERTY = 'expected one of msg, msgid, sd, data, hostname, source, programname';
const OPERATOR = 'expected one of contains, isequal, equal, startswith, regex, ereregex, eregex';
const ROTATE = 'expected `SIZE[:COUNT]`, `:COUNT`, or one of hourly, daily, weekly, monthly';
const SIZE = 'expected a size such as `512k`, `10M` (powers of 1024) or `10MB` (of 1000)';
const HOST = 'expected a whole host name, an address, or `@`';
const BLANK = 'expected a blank before the `;` of options';
const TARGET = 'expected `host`, `host:port` or `[v6-address]:port`';
const LISTEN = 'expected `address[:port][%iface]`, `[v6-address]:port` or `:port`';
const USER = 'x'.repeat(33);
const LONG_PATH = `/${'x'.repeat(4095)}`;

/** Text, and its problems without the name of the file. */
const MISTAKES: readonly (readonly [text: string, ...problems: string[]])[] = [
  // Selectors.
  ['mial.info /x', `1:1: unknown facility \`mial\`: ${FACILITY}: did you mean \`mail\`?`],
  ['mail.inof /x', `1:6: unknown priority \`inof\`: ${PRIORITY}: did you mean \`info\`?`],
  ['mail.!=wraning /x', `1:8: unknown priority \`wraning\`: ${PRIORITY}: did you mean \`warning\`?`],
  ['zzz.zzz /x', `1:1: unknown facility \`zzz\`: ${FACILITY}`, `1:5: unknown priority \`zzz\`: ${PRIORITY}`],
  [
    'kern,mial.info;user.inof /x',
    `1:6: unknown facility \`mial\`: ${FACILITY}: did you mean \`mail\`?`,
    `1:21: unknown priority \`inof\`: ${PRIORITY}: did you mean \`info\`?`,
  ],
  ['mail /x', '1:1: no priority after `mail`: expected `facility.priority`'],
  ['mail. /x', `1:6: no priority: ${PRIORITY}`],
  ['mail.! /x', `1:7: no priority: ${PRIORITY}`],
  ['mail.8 /x', `1:6: unknown priority \`8\`: ${PRIORITY}`],
  ['.info /x', `1:1: no facility: ${FACILITY}`],
  ['kern,,mail.info /x', `1:6: no facility: ${FACILITY}`],
  ['user.notice,err /x', '1:13: no priority after `err`: expected `facility.priority`'],
  ['; /x', '1:1: no selector: expected `facility.priority`'],
  ['mail.=* /x', '1:6: `=*` has no priority to compare with: expected a priority such as `err`'],
  ['mail.<none /x', '1:6: `<none` has no priority to compare with: expected a priority such as `err`'],
  [
    '1.info /x',
    '1:1: bad facility number `1`: expected a name, or a multiple of 8 up to 192: did you mean `8` (user)?',
  ],
  ['200.info /x', '1:1: bad facility number `200`: expected a name, or a multiple of 8 up to 192'],
  ['m\xe4il.info /x', `1:1: unknown facility \`m\xe4il\`: ${FACILITY}: did you mean \`mail\`?`],
  ['*.* /a\n\t mial.info /x\n', `2:3: unknown facility \`mial\`: ${FACILITY}: did you mean \`mail\`?`],
  // Actions.
  ['mail.info', `1:10: no action: ${ACTION}`],
  ['mail.info   # comment', `1:13: no action: ${ACTION}`],
  ['mail.info var/log/x', `1:11: bad action \`var/log/x\`: ${ACTION}: did you mean \`/var/log/x\`?`],
  ['mail.info mail.log', `1:11: bad action \`mail.log\`: ${ACTION}`],
  ['mail.info root,,joe', `1:16: empty user name: ${ACTION}`],
  ['mail.info root,', `1:16: empty user name: ${ACTION}`],
  ['mail.info root joe', `1:11: bad action \`root joe\`: ${ACTION}`],
  [`mail.info ${USER}`, `1:11: bad action \`${USER}\`: ${ACTION}`],
  ['mail.info *,root', `1:11: bad action \`*\`: ${ACTION}`],
  ['mail.info -x', '1:11: bad action `-x`: expected a path after `-`'],
  ['mail.info -|/x', '1:11: bad action `-|/x`: expected a path after `-`'],
  ['mail.info /var/log/', '1:11: `/var/log/` is a directory: expected a file'],
  ['mail.info -../..', '1:12: `../..` is a directory: expected a file'],
  ['mail.info /', '1:11: `/` is a directory: expected a file'],
  [`mail.info ${LONG_PATH}`, '1:11: path is 4096 bytes long: expected at most 4095'],
  ['mail.info /f;RFC5424', `1:13: \`;\` in the path \`/f;RFC5424\`: ${BLANK}`],
  ['mail.info @h;RFC5424', `1:13: \`;\` in the target \`@h;RFC5424\`: ${BLANK}`],
  ['mail.info @', `1:12: bad target \`\`: ${TARGET}`],
  [
    'mail.info @ host',
    `1:12: bad target \`\`: ${TARGET}`,
    '1:13: unexpected `host` after the action: expected `;` and options, or the end of the line',
  ],
  ['mail.info @host:0', '1:12: bad port `0`: expected 1 to 65535, or a UDP service of /etc/services'],
  ['mail.info @host:no.service', '1:12: bad port `no.service`: expected 1 to 65535, or a UDP service of /etc/services'],
  ['mail.info @[::1', `1:12: bad target \`[::1\`: ${TARGET}`],
  ['mail.info @[host]:1', `1:12: bad target \`[host]:1\`: ${TARGET}`],
  ['mail.info @300.1.1.1', `1:12: bad target \`300.1.1.1\`: ${TARGET}`],
  ['mail.info |', '1:11: no command after `|`: expected a command or the path of a FIFO'],
  ['mail.info | ;JSON', '1:11: no command after `|`: expected a command or the path of a FIFO'],
  ['mail.info |/tmp/', '1:12: `/tmp/` is a directory: expected a file'],
  // Options.
  [
    'mail.info /f RFC5424',
    '1:14: unexpected `RFC5424` after the action: expected `;` and options, or the end of the line',
  ],
  ['mail.info /f ;RFC5425', `1:15: unknown option \`RFC5425\`: ${OPTION}: did you mean \`RFC5424\`?`],
  ['mail.info /f ;xyzzy=3', `1:15: unknown option \`xyzzy=3\`: ${OPTION}`],
  ['mail.info /f ;', `1:15: empty option: ${OPTION}`],
  ['mail.info /f ;JSON,,mode=600', `1:20: empty option: ${OPTION}`],
  ['mail.info /f ;mode', '1:15: option `mode` without a value: expected `mode=` and a value'],
  ['mail.info /f ;mode=999', '1:15: bad value `999` for `mode`: expected permission bits in octal, such as `0640`'],
  ['mail.info /f ;mode=4755', '1:15: bad value `4755` for `mode`: expected permission bits in octal, such as `0640`'],
  ['mail.info /f ;owner=a/b', '1:15: bad value `a/b` for `owner`: expected the name or number of a user'],
  ['mail.info /f ;group=', '1:15: bad value `` for `group`: expected the name or number of a group'],
  ['mail.info /f ;JSON,ISO', '1:20: `ISO` after another format: expected one format in a rule'],
  ['mail.info /f ;mode=600;mode=640', '1:24: `mode=640` after another mode: expected one mode in a rule'],
  ['mail.info /f ;rotate=10Q', `1:15: bad value \`10Q\` for \`rotate\`: ${SIZE}, and \`:COUNT\``],
  ['mail.info /f ;rotate=10M:x', `1:15: bad value \`10M:x\` for \`rotate\`: ${SIZE}, and \`:COUNT\``],
  ['mail.info /f ;rotate=', `1:15: bad value \`\` for \`rotate\`: ${ROTATE}`],
  ['mail.info /f ;rotate=:', `1:15: bad value \`:\` for \`rotate\`: ${ROTATE}`],
  ['mail.info /f ;rotate=dayly', `1:15: bad value \`dayly\` for \`rotate\`: ${ROTATE}: did you mean \`daily\`?`],
  [
    'mail.info /f ;rotate=1M,rotate=2M',
    '1:25: `rotate=2M` after another rotate: expected size, interval and count once each',
  ],
  ['mail.info @h ;rotate=1M', '1:15: option `rotate` has no meaning for forwarding: expected it with a file'],
  ['mail.info /f ;ttl=3', '1:15: option `ttl` has no meaning for a file: expected it with forwarding'],
  ['mail.info |cat ;mode=600', '1:17: option `mode` has no meaning for a command: expected it with a file or a FIFO'],
  ['mail.info |cat ;RFC542', `1:17: unknown option \`RFC542\`: ${OPTION}: did you mean \`RFC5424\`?`],
  ['mail.info @h ;ttl=256', '1:15: bad value `256` for `ttl`: expected a number from 1 to 255'],
  ['mail.info @h ;iface=a/b', '1:15: bad value `a/b` for `iface`: expected the name of a network interface'],
  ['mail.info @h ;JSON', '1:15: `JSON` is not a forwarding format: expected RFC3164 or RFC5424'],
  ['mail.info root ;ttl=3', '1:17: option `ttl` has no meaning for users: expected it with forwarding'],
  ['mail.info * ;mode=600', '1:14: option `mode` has no meaning for `*`: expected it with a file or a FIFO'],
  // Blocks.
  ['!a,,b', '1:4: empty name in a list: expected a name'],
  ['!foo*', '1:2: bad name `foo*`: expected a whole program name'],
  ['!prog\\', '1:2: bad name `prog\\`: expected a whole program name'],
  [`!${'p'.repeat(49)}`, `1:2: bad name \`${'p'.repeat(49)}\`: expected a program name of at most 48 bytes`],
  ['!foo bar', '1:6: unexpected `bar`: expected names separated by commas'],
  ['+host,a_b,-c', `1:11: bad name \`-c\`: ${HOST}`],
  ['-/var/log/x', `1:2: bad name \`/var/log/x\`: ${HOST}`],
  ['+foo*', `1:2: bad name \`foo*\`: ${HOST}`],
  // Property filters.
  [':mesg, contains, "x"', `1:2: unknown property \`mesg\`: ${PROPERTY}: did you mean \`msg\`?`],
  [':, contains, "x"', `1:2: no property: ${PROPERTY}`],
  [':msg, contain, "x"', `1:7: unknown operator \`contain\`: ${OPERATOR}: did you mean \`contains\`?`],
  [':msg, !icase_xyzzy, "x"', `1:14: unknown operator \`xyzzy\`: ${OPERATOR}`],
  [':msg', `1:5: no operator: ${OPERATOR}`],
  [':msg, contains', '1:15: no value: expected a value in double quotes'],
  [':msg, contains, x', '1:17: value without quotes: expected a value in double quotes'],
  [':msg, contains, "x', '1:17: unterminated value: expected a closing `"`'],
  [':msg, contains, "x\\"', '1:17: unterminated value: expected a closing `"`'],
  [
    ':msg, contains, "x" /var/log/x',
    '1:21: unexpected `/var/log/x` after the value: expected the end of the line, and a rule on the next line',
  ],
  [':msg, contains, "x"#', '1:20: unexpected `#` after the value: expected the end of the line'],
  [':msg, regex, "\\\\(a"', '1:14: unterminated group: expected a closing `\\)`'],
  [':msg, ereregex, "(a"', '1:17: unterminated group: expected a closing `)`'],
  [
    ':msg, regex, "\\\\(a\\\\)\\\\1"',
    '1:14: back-reference `\\1`: expected a pattern that can be matched in linear time',
  ],
  [':msg, ereregex, "*a"', '1:17: nothing to repeat before `*`: expected an expression'],
  [':msg, ereregex, "[a"', '1:17: `[` without `]`: expected a closing `]`'],
  [':msg, ereregex, "(a{100}){100}"', '1:17: pattern too large: expected one of at most 1000 steps'],
  // Directives.
  ['rotate_sizes = 3', '1:1: unknown directive `rotate_sizes`: expected a directive: did you mean `rotate_size`?'],
  ['Listen :514', '1:1: unknown directive `Listen`: expected a directive: did you mean `listen`?'],
  ['colour = red', `1:1: unknown directive \`colour\`: ${DIRECTIVE}`],
  ['$NoSuchThing on', `1:1: unknown directive \`$NoSuchThing\`: ${DIRECTIVE}`],
  ['listen', '1:7: `listen` without a value: expected a value after `listen`'],
  ['listen = # all', '1:10: `listen` without a value: expected a value after `listen`'],
  ['include', '1:8: `include` without a value: expected a path or a pattern'],
  ['listen 1.2.3', `1:8: bad value \`1.2.3\` for \`listen\`: ${LISTEN}`],
  ['listen :0', '1:8: bad value `:0` for `listen`: expected 1 to 65535, or a UDP service of /etc/services'],
  ['secure_mode 3', '1:13: bad value `3` for `secure_mode`: expected 0, 1 or 2'],
  ['udp_size=479', '1:10: bad value `479` for `udp_size`: expected a size from 480 to 65507 bytes'],
  ['max_message = 65k', '1:15: bad value `65k` for `max_message`: expected a size from 480 to 65536 bytes'],
  ['memory = 1023k', '1:10: bad value `1023k` for `memory`: expected a size from 1M to 16G'],
  ['memory 17G', '1:8: bad value `17G` for `memory`: expected a size from 1M to 16G'],
  ['memory all', '1:8: bad value `all` for `memory`: expected a size from 1M to 16G'],
  ['memory', '1:7: `memory` without a value: expected a value after `memory`'],
  ['rotate_size 1TB', `1:13: bad value \`1TB\` for \`rotate_size\`: ${SIZE}`],
  ['rotate_count -1', '1:14: bad value `-1` for `rotate_count`: expected a number up to 10000'],
  ['notify gzip', '1:8: bad value `gzip` for `notify`: expected the path of a program'],
  ['file_mode rw-', '1:11: bad value `rw-` for `file_mode`: expected permission bits in octal, such as `0640`'],
  // Lines.
  [
    'mail.info\\\n  /x',
    `1:6: unknown priority \`info/x\`: ${PRIORITY}: did you mean \`info\`?`,
    `2:5: no action: ${ACTION}`,
  ],
  ['mail.info;\\\n   mial.err /x', `2:4: unknown facility \`mial\`: ${FACILITY}: did you mean \`mail\`?`],
  ['*.* /x\nmail.info \\', '2:11: `\\` on the last line: expected a line to follow'],
  ['*.* /x\0y', '1:7: NUL byte: expected UTF-8 text'],
];

for (const [text, ...problems] of MISTAKES) {
  test(`mistake in ${JSON.stringify(text.slice(0, 60))} is told with place and expectation`, () => {
    const parsed = parseText(text);
    assert.deepEqual(
      problemsOf(parsed),
      problems.map((problem) => `${MAIN}:${problem}`),
    );
    const wrong = new Set(parsed.problems.map((problem) => problem.at.line));
    assert.ok(
      parsed.configuration.rules.every((rule) => !wrong.has(rule.actionAt.line)),
      'the rule is left out',
    );
  });
}

test('a byte that is not valid UTF-8 is told with its column', () => {
  const parsed = parseText(Buffer.from('*.* /caf\xe9', 'latin1'));
  assert.deepEqual(problemsOf(parsed), [`${MAIN}:1:9: byte that is not valid UTF-8: expected UTF-8 text`]);
});

test('columns count bytes, not characters', () => {
  const parsed = parseText('*.* /é ;mod=600');
  assert.match(problemsOf(parsed)[0] ?? '', /:1:10: unknown option `mod=600`/);
});

test('control bytes of a word are not printed', () => {
  const [problem = ''] = problemsOf(parseText('m\x1b[31m.info /x'));
  assert.doesNotMatch(problem, /\p{Cc}/u);
});

test('rules in error are left out, sound ones stay in order', () => {
  const parsed = parseText('*.* /a\nmial.* /b\n*.* /c ;bad\n*.* /d\n');
  assert.deepEqual(
    parsed.configuration.rules.map((rule) => rule.at.line),
    [1, 4],
  );
  assert.equal(parsed.problems.length, 2);
});

test('rules of a block in error are left out until the next block of its kind', () => {
  for (const [broken, reset] of [
    [':msg, regex, "\\\\("', ':*'],
    ['!a,,b', '!*'],
    ['+a b', '+*'],
  ]) {
    const parsed = parseText(`*.* /a\n${broken}\n*.* /b\n*.* /c\n${reset}\n*.* /d\n`);
    assert.deepEqual(
      parsed.configuration.rules.map((rule) => rule.at.line),
      [1, 6],
      broken,
    );
    assert.equal(parsed.problems.length, 1, broken);
  }
});

test('a block line with a bad byte keeps its rules out', () => {
  const parsed = parseText(Buffer.from('!a\n*.* /a\n!\xff\n*.* /b\n', 'latin1'));
  assert.deepEqual(
    parsed.configuration.rules.map((rule) => rule.at.line),
    [2],
  );
});

test('every block in error keeps the rules behind it out', () => {
  const blocks = MISTAKES.map(([text]) => text).filter((text) => /^[!+:-]/.test(text));
  assert.ok(blocks.length > 20);
  for (const block of blocks) assert.deepEqual(parseText(`${block}\n*.* /x`).configuration.rules, [], block);
});
