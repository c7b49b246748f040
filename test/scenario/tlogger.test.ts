/**
 * tlogger beside logger(1) of util-linux: what arrives, what is printed, and the exit status are the same, byte for byte
 * but for the time and the name of the program.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import {
  loggerMissing,
  openTarget,
  type ProgramName,
  type ProgramOptions,
  runProgram,
  TARGET_NAMES,
  type TargetName,
} from '../support/logger-programs.ts';

interface Case extends ProgramOptions {
  /** `DIR` stands for a folder with the files below. */
  readonly args: readonly string[];
  /** Where it is sent to; without, to a Unix datagram socket. `null`: the options say all. */
  readonly to?: readonly (TargetName | null)[];
  readonly title?: string;
}

const LONG_LINE = 'y'.repeat(1024 * 1024);
const FILES: Readonly<Record<string, string>> = {
  lines: 'one\n\ntwo\n  \nthree',
  prefixed: '<3>a\n<134>b\nplain\n<999>c\n<12d\n<>e\n< 3>f\n<0>g\n<13>\n<191>h\n<192>i\n<0007>j\n<5> k\n<',
  empty: '',
  nul: 'before\0behind\n\0\nlast\n',
  bytes: Buffer.from([0x80, 0xff, 0x0a, 0xc3, 0x28, 0x0a, 0x1b, 0x5b, 0x0a]).toString('latin1'),
};

const plain = (...args: readonly string[]): Case => ({ args });
const with5424 = (...args: readonly string[]): Case => ({ args: ['--rfc5424=notime,nohost', '-t', 'x', ...args] });
const everywhere = (...args: readonly string[]): Case => ({ args, to: TARGET_NAMES });
const alone = (...args: readonly string[]): Case => ({ args, to: [null] });
const from = (input: string, ...args: readonly string[]): Case => ({ args, input });

const CASES: readonly Case[] = [
  // Messages
  everywhere('hello world'),
  everywhere('hello', 'world', ' and  blanks '),
  everywhere('-t', 'tag', '-i', '-p', 'mail.err', 'text'),
  everywhere('--rfc3164', '-t', 'tag', 'text'),
  everywhere('--rfc5424', '-t', 'tag', '--msgid', 'id', 'text'),
  everywhere('--octet-count', '-t', 'octet', 'message'),
  everywhere('--octet-count', '-s', 'message'),
  everywhere('-s', 'message'),
  everywhere('-s', 'two\nlines'),
  everywhere('-s', '\nlines'),
  everywhere('--no-act', '-s', 'message'),
  everywhere('--no-act', 'message'),
  { ...from('one\ntwo\n\nthree', '-s', '-t', 'stdin'), to: TARGET_NAMES },
  { ...from(FILES['prefixed'] ?? '', '--prio-prefix', '--rfc3164'), to: TARGET_NAMES },
  plain(''),
  plain('', ''),
  plain('', 'a', '', 'b'),
  plain('-t', '', 'no tag'),
  plain('-t', 'a b', 'tag with a blank'),
  plain('-t', 'a\nb', 'x\ny'),
  plain('-t', 'T'.repeat(10_000), 'a long tag'),
  plain('--rfc3164', '-t', 'T'.repeat(10_000), 'a long tag'),
  plain('--rfc5424', '-t', 'T'.repeat(48), 'fits'),
  plain('--rfc5424', '-t', 'T'.repeat(49), 'is too long'),
  plain('-t', 'täg', 'Grüße, 世界 🎉'),
  { args: ['-t', 'raw'], rawArgument: 'a\\377\\200b\\303(', title: 'an argument that is not UTF-8' },
  { args: ['hi', '-t'], rawArgument: '\\377\\376', title: 'a tag that is not UTF-8' },
  { args: [], rawArgument: '-\\377', title: 'an option that is not UTF-8' },
  plain('-s', '\u001b[2J\u0007\u0001'),
  // Standard input and files
  from(''),
  from('\n'),
  from('\n\n', '-e'),
  from('no newline'),
  from(LONG_LINE, '-S', '200k'),
  from('x'.repeat(2500)),
  from(FILES['bytes'] ?? ''),
  from(FILES['nul'] ?? '', '-s'),
  from(Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join('')),
  plain('-f', 'DIR/lines'),
  plain('-e', '-f', 'DIR/lines'),
  plain('-f', 'DIR/prefixed', '--prio-prefix', '-p', 'local0.debug'),
  plain('-e', '-f', 'DIR/prefixed', '--prio-prefix', '-S', '1'),
  plain('-f', 'DIR/empty'),
  plain('-f', 'DIR/nul'),
  plain('-f', 'DIR/lines', '-f', 'DIR/empty'),
  plain('-f', 'DIR/lines', 'message'),
  plain('-f', 'DIR'),
  plain('-f', 'DIR/none'),
  plain('-f', ''),
  plain('-f', '/proc/self/mem'),
  plain('-f', 'DIR/lines/none'),
  plain('-f', `DIR/${'n'.repeat(300)}`),
  // Identifiers
  ...['7', ' 7', '+7', '-5', '0', '99999999999', '4294967297', '99999999999999999999', '', '7 ', 'A B', '0x10'].map(
    (id) => plain(`--id=${id}`, 'text'),
  ),
  plain('--id', '5', 'text'),
  plain('--id', '-i', 'text'),
  // Priorities
  ...['kern.emerg', '0', '7', '8', '16', 'none', 'user', 'user.', '.info', '', 'LOCAL7.Warning', 'mark.info'].map(
    (pri) => plain('-p', pri, 'text'),
  ),
  ...['security.panic', 'auth.error', '8.3', '184.3', '192.0', '9.3', '3x', '08', '007', 'a.b.c', 'user.info.x'].map(
    (pri) => plain('-p', pri, 'text'),
  ),
  ...['4294967304.3', '9223372036854775808.3', '-1', 'ntp.info', 'console.info', 'cron2.info'].map((pri) =>
    plain('-p', pri, 'text'),
  ),
  // Sizes
  ...['3', '0', '1', '1k', '0.01KiB', '.01K', '0.3K', '1KB', '1.5', '1,5K', '1B', '0x10', '010', '09', '1Y', '16E'].map(
    (size) => plain('-S', size, 'abcdefghijklmnopqrstuvwxyz'.repeat(20)),
  ),
  ...['18446744073709551615', '18446744073709551616', '-1', ' 7', '+7', '1e3', '', '1KiBx', '1.K', '1.05K', 'K'].map(
    (size) => plain('-S', size, 'abcdefghijklmnopqrstuvwxyz'.repeat(20)),
  ),
  plain('-S', '20', 'a234567890', 'b234567890', 'c23', 'd', 'e', 'f', 'g'),
  plain('-S', '5', 'abcde', 'abcdef', 'a', 'b', 'c', '', 'd'),
  plain('-S', '10', '-s', '-f', 'DIR/lines'),
  { args: ['-S', '3'], input: 'abcdefgh\nabc\n\nabcd' },
  // RFC 5424
  ...['notime', 'notq', 'nohost', 'notime,nohost', 'foo,,notq', '', ',', 'NOTIME'].map((list) =>
    plain(`--rfc5424=${list}`, '-t', 'x', 'text'),
  ),
  plain('--rfc5424=notime', '--rfc3164', 'text'),
  plain('--rfc3164', '--rfc5424=notime', '-i', 'text'),
  plain('--msgid', 'a b', 'text'),
  with5424('--msgid', '', 'text'),
  with5424('--msgid', 'a\tb', 'text'),
  plain('--msgid', 'unused', 'text'),
  ...['a="b"', 'a=b', '="b"', 'a="b', 'a="b"c', 'a="b"c"', 'a="b\\"c"', 'a="b\\\\"', 'a="b\\"', 'a="b]"'].map((param) =>
    with5424('--sd-id', 'a@1', '--sd-param', param, 'text'),
  ),
  ...['a="b\\]"', 'a="b[c"', 'a="b\\[c"', 'a="b\\c"', 'a b="c"', 'a=""', 'a=="b"', '"a="b"', 'ä="b\n"', 'a]="b"'].map(
    (param) => with5424('--sd-id', 'a@1', '--sd-param', param, 'text'),
  ),
  ...['a', 'a@', '@1', 'a@1.2', 'a@1.', 'a@.1', 'a@1..2', 'a@x', 'a b@1', 'a=b@1', 'a]b@1', 'a"b@1', 'a[b@1'].map(
    (id) => with5424('--sd-id', id, '--sd-param', 'a="b"', 'text'),
  ),
  ...['a@b@1', 'a\tb@1', 'a\u0001b@1', 'ä@1', '', 'timeQuality', 'origin', 'meta', 'Meta', 'timeQuality@1'].map((id) =>
    with5424('--sd-id', id, '--sd-param', 'a="b"', 'text'),
  ),
  with5424('--sd-id', 'a@1', '--sd-id', 'b@2', '--sd-param', 'x="1"', '--sd-param', 'y="2"', 'text'),
  with5424('--sd-id', 'a@1', '--sd-id', 'a@1', 'text'),
  with5424('--sd-param', 'a="b"', 'text'),
  plain('--rfc5424=nohost', '--sd-id', 'timeQuality', '--sd-param', 'tzKnown="0"', 'text'),
  plain('--rfc5424=nohost', '--sd-id', 'timeQuality', 'text'),
  plain('--rfc5424=nohost', '--sd-id', 'meta', '--sd-param', 'sequenceId="1"', 'text'),
  // Time zones
  ...['UTC', 'Europe/Berlin', ':America/St_Johns', 'CET-1CEST,M3.5.0,M10.5.0/3', 'Nowhere/None', '', 'IST-5:30'].map(
    (zone): Case => ({ args: ['--rfc5424=nohost', 'text'], env: { TZ: zone }, title: `time zone '${zone}'` }),
  ),
  // The command line
  ...[
    '--bogus',
    '--bogus=1',
    '--stderr=x',
    '--tag',
    '-t',
    '-x',
    '-sx',
    '--s',
    '--s=x',
    '--rfc',
    '--soc',
    '-s-',
    '-:',
  ].map((word) => plain(word)),
  plain('--ta=x', '--pri', 'mail.info', 'text'),
  plain('--socket-errors', 'off', 'text'),
  plain('--socket-errors=maybe', 'text'),
  plain('text', '-t', 'late'),
  { args: ['text', '-t', 'late'], env: { POSIXLY_CORRECT: '' }, title: 'POSIXLY_CORRECT ends the options' },
  plain('--', 'text', '-t', 'late'),
  plain('text', '--', '-t', '--', 'late'),
  plain('-sttag', 'text'),
  plain('-st', 'tag', '-', 'text'),
  plain('-p', 'nonsense', '-f', 'DIR/none'),
  plain('-f', 'DIR/none', '-p', 'nonsense'),
  plain('--rfc5424=nonsense', '--rfc'),
  // Nobody listens
  alone('-u', 'DIR/none', 'text'),
  alone('-u', 'DIR/none', '-s', 'text'),
  alone('-u', 'DIR/none', '--no-act', 'text'),
  alone('-u', 'DIR/none', '--socket-errors=on', 'text'),
  alone('-u', 'DIR/none', '-s', '--socket-errors=off', 'text'),
  alone('-u', 'DIR/lines', '-s', 'text'),
  alone('-u', 'DIR/lines/none', '-s', 'text'),
  alone('-u', '/nonexistent/'.padEnd(200, 'x'), 'text'),
  alone('-u', '/'.padEnd(107, 'x'), '-s', 'text'),
  alone('-u', '', '-s', 'text'),
  alone('-n', '127.0.0.1', '-P', 'no-such-service', 'text'),
  alone('-n', 'no.such.host.invalid', '-P', '514', 'text'),
  alone('-n', '127.0.0.1', '-T', '-P', '1', 'text'),
  alone('-n', '127.0.0.1', '-d', '-P', '1', 'text'),
  alone('-n', '127.0.0.1', '-d', '-P', '99999', 'text'),
  alone('-n', '127.0.0.1', '-d', '-P', '1', '--rfc5424', '-t', 'T'.repeat(49), 'text'),
  { ...plain('-T', '-s', 'text'), title: 'streams only, to a datagram socket' },
  { args: ['-d', '-s', 'text'], to: ['stream'], title: 'datagrams only, to a stream socket' },
  // Descriptors
  { ...plain('-s', 'text'), redirect: '2>/dev/full', title: 'standard error is full' },
  { ...plain('text'), redirect: '>&-', title: 'standard output is closed' },
  { ...plain('--bogus'), redirect: '2>/dev/full', title: 'a complaint that cannot be printed' },
  { ...alone('--help'), redirect: '>/dev/full', title: 'help that cannot be printed' },
  { ...alone('--version'), redirect: '>/dev/full', title: 'a version that cannot be printed' },
  // Journal
  alone('--journald=DIR/none'),
  alone('--journald=DIR/empty'),
  alone('--journald', '--no-act', '-s'),
];

/** Time and pids are those of the moment. */
function normalize(text: string): string {
  return text
    .replaceAll(/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\b/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?=[+-]\d\d:\d\d)/g, 'TIME')
    .replaceAll(/\[\d+\](?=: )/g, (pid) => (pid.length > 3 ? '[PID]' : pid))
    .replaceAll(/(?<= )\d{3,7}(?= (?:-|id) )/g, 'PID')
    .replaceAll(/^\d+ (?=<)/gm, (count) => count);
}

interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  readonly received: readonly string[];
}

const MISSING = { skip: loggerMissing() };

for (const row of CASES)
  for (const name of row.to ?? ['datagram' as const]) {
    const shown = row.args.map((word) => JSON.stringify(word.length > 30 ? `${word.slice(0, 20)}...` : word)).join(' ');
    const input = row.input === undefined ? '' : ` < ${JSON.stringify(String(row.input).slice(0, 20))}`;
    test(`${name ?? 'nowhere'}: ${row.title ?? `${shown}${input}`}`, MISSING, async (t) => {
      const dir = TestDaemon.folder(t);
      for (const [file, text] of Object.entries(FILES)) writeFileSync(join(dir, file), text, 'latin1');
      const target = name === null ? null : await openTarget(t, name);
      const args = [...(target?.args ?? []), ...row.args].map((word) => word.replaceAll('DIR', dir));
      const outcomeOf = async (program: ProgramName): Promise<Outcome> => {
        const { status, signal, stderr } = await runProgram(program, args, { ...row, cwd: dir });
        const received = ((await target?.take()) ?? []).map(normalize);
        return { status, signal, stderr: normalize(stderr.replaceAll(/\btlogger\b/g, 'logger')), received };
      };
      assert.deepEqual(await outcomeOf('tlogger'), await outcomeOf('logger'));
    });
  }
