/**
 * What util-linux expects of logger in its own tests: over a stream, at a fixed time, on a host of a fixed name.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoggerFailure } from '../../../../src/cli/tlogger/failure.ts';
import { runLogger } from './run-logger.ts';

const TIME = 'Feb 13 23:31:30';
const ISO = '2009-02-13T23:31:30.123456+00:00';
const QUALITY = '[timeQuality tzKnown="1" isSynced="0"]';

/** Test, arguments, what is sent. */
const SENT: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['kern_priority', ['-t', 'prio', '-p', 'kern.emerg', 'message'], [`<8>${TIME} prio: message\n`]],
  ['kern_priority_numeric', ['-t', 'prio', '-p', '0', 'message'], [`<8>${TIME} prio: message\n`]],
  ['rfc5424_exceed_size', ['-t', 'rfc', '--size', '3', 'abcd'], [`<13>${TIME} rfc: abc\n`]],
  ['tag_with_space', ['-t', 'A B', 'tag with space'], [`<13>${TIME} A B: tag with space\n`]],
  ['multi-line', ['-t', 'multi', 'AAA\nBBB\nCCC'], [`<13>${TIME} multi: AAA\nBBB\nCCC\n`]],
  ['rfc3164', ['-t', 'rfc', '--rfc3164', 'message'], [`<13>${TIME} test-hostname rfc: message\n`]],
  ['rfc5424_simple', ['-t', 'rfc', '--rfc5424', 'm'], [`<13>1 ${ISO} test-hostname rfc - - ${QUALITY} m\n`]],
  ['rfc5424_notime', ['-t', 'rfc', '--rfc5424=notime', 'm'], ['<13>1 - test-hostname rfc - - - m\n']],
  ['rfc5424_notq', ['-t', 'rfc', '--rfc5424=notq', 'm'], [`<13>1 ${ISO} test-hostname rfc - - - m\n`]],
  ['rfc5424_nohost', ['-t', 'rfc', '--rfc5424=nohost', 'm'], [`<13>1 ${ISO} - rfc - - ${QUALITY} m\n`]],
  [
    'rfc5424_msgid',
    ['-t', 'rfc', '--rfc5424', '--msgid', 'MSGID', 'm'],
    [`<13>1 ${ISO} test-hostname rfc - MSGID ${QUALITY} m\n`],
  ],
  ['octet_counting', ['-t', 'octen', '--octet-count', 'message'], [`34 <13>${TIME} octen: message`]],
  ['simple', ['-t', 'test', 'test'], [`<13>${TIME} test: test\n`]],
  ['log_pid', ['-t', 'test', '-i', 'test'], [`<13>${TIME} test[98765]: test\n`]],
  ['log_pid_long', ['-t', 'test', '--id', 'test'], [`<13>${TIME} test[98765]: test\n`]],
  ['log_pid_define', ['-t', 'test', '--id=12345', 'test'], [`<13>${TIME} test[12345]: test\n`]],
  ['log_pid_no_arg', ['-t', 'test', '-i', '--no-act', 'test'], []],
];

for (const [name, args, sent] of SENT)
  test(`util-linux: ${name}`, async () => {
    assert.deepEqual(await runLogger(args), { sent, warnings: [] });
  });

const FAILURES: readonly (readonly [string, readonly string[], string])[] = [
  ['invalid_prio', ['-p', '8', 'message'], 'unknown priority name: 8'],
  ['id_with_space', ['--id=A B', 'message'], "failed to parse id: 'A B'"],
  ['id_with_trailing space', ['--id=1 ', 'message'], "failed to parse id: '1 '"],
  ['id_with_inner space', ['--id=1 2', 'message'], "failed to parse id: '1 2'"],
  ['rfc5424_msgid_with_space', ['--rfc5424', '--msgid', 'A B', 'message'], '--msgid cannot contain space'],
  [
    'invalid_socket',
    ['-u', `/bad/${'x'.repeat(3)}`, '-d', '--socket-errors=on', 'm'],
    'socket /bad/xxx: Protocol wrong type for socket',
  ],
];

for (const [name, args, text] of FAILURES)
  test(`util-linux: ${name}`, async () => {
    await assert.rejects(runLogger(args), new LoggerFailure(text));
  });

test('util-linux: id_with_leading space', async () => {
  assert.deepEqual((await runLogger(['-t', 't', '--id= 23', 'm'])).sent, [`<13>${TIME} t[23]: m\n`]);
});

const FACILITIES = [
  ...['auth', 'authpriv', 'cron', 'daemon', 'ftp', 'lpr', 'mail', 'news', 'syslog', 'user', 'uucp'],
  ...Array.from({ length: 8 }, (_, i) => `local${i}`),
];
const NUMBERS: Readonly<Record<string, number>> = {
  ...{ auth: 4, authpriv: 10, cron: 9, daemon: 3, ftp: 11, lpr: 6, mail: 2, news: 7, syslog: 5, user: 1, uucp: 8 },
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`local${i}`, 16 + i])),
};
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

test('util-linux: priorities', async () => {
  assert.equal(FACILITIES.length, 19);
  for (const facility of FACILITIES)
    for (const [level, name] of LEVELS.entries()) {
      const word = `${facility}.${name}`;
      const pri = (NUMBERS[facility] ?? 0) * 8 + level;
      assert.deepEqual((await runLogger(['-t', 'prio', '-p', word, word])).sent, [`<${pri}>${TIME} prio: ${word}\n`]);
    }
});

const FILES: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ['input_file_simple', 'a\nb\n', [], ['<13>TIME t: a', '<13>TIME t: b']],
  ['input_file_empty_line', 'a\n\nb\n\n', [], ['<13>TIME t: a', '<13>TIME t: ', '<13>TIME t: b', '<13>TIME t: ']],
  ['input_file_skip_empty', 'a\n\nb\n\n', ['-e'], ['<13>TIME t: a', '<13>TIME t: b']],
  [
    'input_file_prio_prefix',
    '<66> prio_prefix\n<5>no facility\n<999>invalid\n',
    ['--prio-prefix', '-p', 'local0.info'],
    ['<66>TIME t:  prio_prefix', '<133>TIME t: no facility', '<134>TIME t: <999>invalid'],
  ],
];

for (const [name, text, args, expected] of FILES)
  test(`util-linux: ${name}`, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-test-'));
    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(join(dir, 'file'), text);
    const { sent } = await runLogger(['-t', 't', ...args, '-f', join(dir, 'file')]);
    assert.deepEqual(
      sent,
      expected.map((line) => `${line.replace('TIME', TIME)}\n`),
    );
  });
