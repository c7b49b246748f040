/**
 * The command line: numbers at their limits, options of our own, and errors in their order. What logger(1) has as well
 * is compared with it in test/scenario/tlogger.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoggerFailure, strerror } from '../../../../src/cli/tlogger/failure.ts';
import { parseId, parseSize } from '../../../../src/cli/tlogger/options/numbers.ts';
import { type CommandLine, readCommandLine } from '../../../../src/cli/tlogger/options/settings.ts';

function read(words: readonly string[], env: NodeJS.ProcessEnv = {}): CommandLine {
  return readCommandLine(words, { pid: 4711, env, warn: assert.fail });
}

for (const [text, bytes] of [
  ['0', 0],
  ['1K', 1024],
  ['1KB', 1000],
  ['1kib', 1024],
  ['2m', 2 * 1024 ** 2],
  ['1.5K', 1536],
  ['1.05K', 1075],
  ['.3K', null],
  // COMPAT(util-linux 2.38.1): rounded digit by digit; 307, and one byte more, would be right.
  ['0.3K', 341],
  ['0.25G', 256 * 1024 ** 2 - 1],
  ['0x10', 16],
  ['010', 8],
  ['\t 7', 7],
  ['18446744073709551615', Number.MAX_SAFE_INTEGER],
  ['08', null],
  ['1.5', null],
  ['1i', null],
  ['-0', null],
] as const)
  test(`size ${JSON.stringify(text)} is ${bytes ?? 'refused'}`, () => {
    if (bytes !== null) assert.equal(parseSize(text), bytes);
    else
      assert.throws(
        () => parseSize(text),
        new LoggerFailure(`failed to parse message size: '${text}': Invalid argument`),
      );
  });

for (const [text, id] of [
  ['0', 0],
  ['2147483648', -2_147_483_648],
  ['-1', -1],
  ['18446744073709551615', -1],
] as const)
  test(`id ${text} is ${id}, as in an int of C`, () => {
    assert.equal(parseId(text), id);
  });

for (const [word, ms] of [
  ['--wait', 10_000],
  ['--wait=1', 1000],
  ['--wait=0.25', 250],
  ['--wai=1000000', 1_000_000_000],
] as const)
  test(`${word} waits ${ms} ms`, () => {
    assert.equal(read([word]).settings.waitMs, ms);
  });

for (const value of ['', '0', '-1', '1s', '1000001', '0.0001', 'x'])
  test(`--wait=${value} is refused`, () => {
    assert.throws(() => read([`--wait=${value}`]), new LoggerFailure(`failed to parse wait: '${value}'`));
  });

test('-h and -V end the command line, what is wrong before them comes first', () => {
  assert.equal(read(['-t', 'x', '-h', '-p', 'wrong']).kind, 'help');
  assert.equal(read(['--vers', '--bogus']).kind, 'version');
  assert.throws(() => read(['-p', 'wrong', '-h']), LoggerFailure);
});

test('the last of -d and -T counts', () => {
  assert.deepEqual(read(['-d', '-T']).settings.kinds, ['stream']);
  assert.deepEqual(read(['-T', '-d']).settings.kinds, ['datagram']);
  assert.deepEqual(read([]).settings.kinds, ['datagram', 'stream']);
});

test('--id=0 takes back -i', () => {
  assert.equal(read(['-i']).settings.pid, 4711);
  assert.equal(read(['-i', '--id=0']).settings.pid, 0);
});

for (const [errno, text] of [
  [-2, 'No such file or directory'],
  [-13, 'Permission denied'],
  [-21, 'Is a directory'],
  [-32, 'Broken pipe'],
  [-11, 'Resource temporarily unavailable'],
  [-9, 'Bad file descriptor'],
  [-36, 'File name too long'],
  [-40, 'Too many levels of symbolic links'],
  [-90, 'Message too long'],
  [-91, 'Protocol wrong type for socket'],
  [-104, 'Connection reset by peer'],
  [-105, 'No buffer space available'],
  [-107, 'Transport endpoint is not connected'],
  [-110, 'Connection timed out'],
  [-111, 'Connection refused'],
  [-113, 'No route to host'],
  [-9999, 'Unknown error 9999'],
] as const)
  test(`errno ${-errno} is '${text}', as the C library says`, () => {
    assert.equal(strerror(errno), text);
  });
