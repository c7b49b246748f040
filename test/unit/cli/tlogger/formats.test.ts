/**
 * Headers at other times, in other zones, on other hosts than those of util-linux's tests.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoggerFailure } from '../../../../src/cli/tlogger/failure.ts';
import type { Surroundings } from '../../../../src/cli/tlogger/surroundings.ts';
import { surroundingsOf } from '../../../../src/cli/tlogger/surroundings.ts';
import { byteArguments } from '../../../../src/cli/tlogger/raw-arguments.ts';
import { runLogger } from './run-logger.ts';

const US = 1_000_000;
const at = (iso: string): Partial<Surroundings> => ({ nowUs: () => Date.parse(iso) * 1000 });
const zone = (offsetMin: number): Partial<Surroundings> => ({ offsetMinAt: () => offsetMin });

async function only(args: readonly string[], around: Partial<Surroundings>): Promise<string | undefined> {
  return (await runLogger([...args, '-t', 't', 'm'], { around })).sent[0];
}

test('days of one digit are padded with a blank', async () => {
  assert.equal(await only([], at('2026-03-05T01:02:03Z')), '<13>Mar  5 01:02:03 t: m\n');
});

test('the last second of a year, west and east of Greenwich', async () => {
  const around = at('2026-12-31T23:59:59.999Z');
  assert.equal(await only([], { ...around, ...zone(60) }), '<13>Jan  1 00:59:59 t: m\n');
  assert.equal(await only([], { ...around, ...zone(-570) }), '<13>Dec 31 14:29:59 t: m\n');
});

for (const [offsetMin, shown] of [
  [0, '+00:00'],
  [-210, '-03:30'],
  [345, '+05:45'],
  [840, '+14:00'],
] as const)
  test(`RFC 5424: a zone ${shown}`, async () => {
    const text = await only(['--rfc5424=notq,nohost'], { ...at('2024-02-29T12:00:00Z'), ...zone(offsetMin) });
    assert.equal(text?.slice(25, 47), `.000000${shown} - t - - - m\n`.slice(0, 22));
    assert.equal(Date.parse(text?.slice(6, 38) ?? ''), Date.parse('2024-02-29T12:00:00Z'));
  });

test('RFC 5424: before 1970, microseconds still count forwards', async () => {
  const around = { nowUs: () => -1 };
  assert.equal(await only(['--rfc5424=notq,nohost'], around), '<13>1 1969-12-31T23:59:59.999999+00:00 - t - - - m\n');
});

test('RFC 5424: a clock that is kept right says how well', async () => {
  const text = await only(['--rfc5424=nohost'], { clockErrorUs: () => 218_616 });
  assert.match(text ?? '', / \[timeQuality tzKnown="1" isSynced="1" syncAccuracy="218616"\] m\n$/);
});

test('RFC 3164 takes the host name up to the first dot, RFC 5424 all of it, up to 255 bytes', async () => {
  const named = (host: string): Partial<Surroundings> => ({ host: () => host });
  assert.match((await only(['--rfc3164'], named('web1.example.org'))) ?? '', / web1 t: m\n$/);
  assert.match((await only(['--rfc5424'], named('web1.example.org'))) ?? '', / web1\.example\.org t /);
  const long = 'h'.repeat(256);
  assert.match((await only(['--rfc5424'], named(long.slice(1)))) ?? '', / h{255} t /);
  await assert.rejects(only(['--rfc5424'], named(long)), new LoggerFailure(`hostname '${long}' is too long`));
});

test('lines that are read later have a later time', async () => {
  let sec = 0;
  const { sent } = await runLogger(['-t', 't', '-f', '/proc/self/limits'], { around: { nowUs: () => sec++ * US } });
  assert.ok(sent.length > 5);
  assert.deepEqual(
    sent.map((text) => text.slice(11, 19)),
    sent.map((_, idx) => `00:00:${String(idx).padStart(2, '0')}`),
  );
});

test('several messages of the arguments have one time', async () => {
  let sec = 0;
  const around = { nowUs: () => sec++ * US };
  const { sent } = await runLogger(['-t', 't', '-S', '1', 'a', 'b'], { around });
  assert.deepEqual(
    sent.map((text) => text.slice(11, 19)),
    ['00:00:00', '00:00:00'],
  );
});

test('only a program called test_logger looks at the variables of the tests of util-linux', () => {
  const env = {
    LOGGER_TEST_TIMEOFDAY: '1234567890.123456',
    LOGGER_TEST_HOSTNAME: 'test-hostname',
    LOGGER_TEST_GETPID: '98765',
    TZ: 'GMT',
  };
  const shown = (program: string): readonly unknown[] => {
    const { nowUs, host, pid } = surroundingsOf(program, env);
    return [nowUs(true), host(), pid];
  };
  assert.deepEqual(shown('test_logger'), [1_234_567_890_123_456, 'test-hostname', 98_765]);
  const [now, host, pid] = shown('tlogger');
  assert.ok(Number(now) > 1_234_567_890_123_456 && host !== 'test-hostname');
  assert.equal(pid, process.pid);
});

test('arguments that Node.js could not decode are read from the kernel', () => {
  const kernel = Buffer.from('node\0--opt\0tlogger\0-t\0\xff\xfe\0', 'latin1');
  assert.deepEqual(
    byteArguments(['-t', '\uFFFD\uFFFD'], () => kernel),
    ['-t', '\xff\xfe'],
  );
  assert.deepEqual(byteArguments(['-t', 'ä'], assert.fail), ['-t', '\xc3\xa4']);
  assert.deepEqual(
    byteArguments(['\uFFFD', '2'], () => Buffer.from('')),
    ['\xef\xbf\xbd', '2'],
  );
});
