/**
 * The state of the daemon in text fits every width, loses nothing that matters, and says on top what is wrong.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject } from '../../../../src/cli/tsyslogctl/client.ts';
import { readStatus, type ShownStatus } from '../../../../src/cli/tsyslogctl/status-document.ts';
import {
  formatBytes,
  formatDuration,
  formatRate,
  group,
  renderStatus,
  whatIsWrong,
} from '../../../../src/cli/tsyslogctl/status-text.ts';
import { chooseStyle, createPaint, shorten } from '../../../../src/cli/tsyslogctl/style.ts';
import { STATUS } from '../../../support/control-status.ts';

function shown(changes: object = {}): ShownStatus {
  const document: unknown = JSON.parse(JSON.stringify({ status: { ...STATUS, ...changes } }));
  assert.ok(isObject(document));
  const status = readStatus(document);
  assert.ok(status !== null);
  return status;
}

test('no line is wider than the terminal, down to 44 characters, and failing outputs stay to be seen', () => {
  for (let width = 44; width <= 160; width++) {
    const text = renderStatus(shown(), { width, paint: createPaint(false) });
    for (const line of text.split('\n')) assert.ok(Array.from(line).length <= width, `${width}: ${line}`);
    assert.equal(text.match(/RETRYING/g)?.length, 3, text);
    assert.match(text, /2 outputs are failing/);
  }
});

test('colours change no character', () => {
  const plain = renderStatus(shown(), { width: 80, paint: createPaint(false) });
  const coloured = renderStatus(shown(), { width: 80, paint: createPaint(true) });
  assert.notEqual(coloured, plain);
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
  assert.equal(coloured.replaceAll(/\u001b\[\d+m/g, ''), plain);
});

test('control bytes of the daemon reach no terminal', () => {
  const text = renderStatus(shown(), { width: 200, paint: createPaint(false) });
  assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}]/u);
});

const TROUBLE: readonly (readonly [string, object, readonly string[]])[] = [
  ['nothing', { totals: {}, inputs: [], outputs: [] }, []],
  ['an input that this machine does not have', { totals: {}, inputs: [STATUS.inputs[2]], outputs: [] }, []],
  ['one output', { totals: {}, inputs: [], outputs: [STATUS.outputs[0], STATUS.outputs[1]] }, ['1 output is failing']],
  ['the end', { state: 'ending', totals: {}, inputs: [], outputs: [] }, ['the daemon is ending']],
  ['one loss', { totals: { dropped: 1 }, inputs: [], outputs: [] }, ['1 message dropped']],
];

for (const [name, changes, wanted] of TROUBLE)
  test(`what is wrong: ${name}`, () => {
    assert.deepEqual(whatIsWrong(shown(changes)), wanted);
  });

test('colours: on a terminal, and not with NO_COLOR or on a dumb one', () => {
  const isPainted = (terminal: { isTTY?: boolean }, env: Record<string, string>): boolean =>
    chooseStyle(terminal, env).paint.bad('x') !== 'x';
  assert.equal(isPainted({ isTTY: true }, {}), true);
  assert.equal(isPainted({ isTTY: true }, { NO_COLOR: '' }), true);
  assert.equal(isPainted({ isTTY: true }, { NO_COLOR: '1' }), false);
  assert.equal(isPainted({ isTTY: true }, { TERM: 'dumb' }), false);
  assert.equal(isPainted({}, {}), false);
  assert.equal(chooseStyle({}, {}).width, Number.POSITIVE_INFINITY);
  assert.equal(chooseStyle({ isTTY: true, columns: 0 }, {}).width, 80);
});

test('numbers for people', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567].map(group), ['0', '999', '1,000', '1,234,567']);
  assert.deepEqual([0, 0.01, 0.5, 99.94, 12_345.6].map(formatRate), ['0/s', '<0.1/s', '0.5/s', '99.9/s', '12,346/s']);
  assert.deepEqual([0, 1023, 1024, 10_240, 5e9].map(formatBytes), ['0 B', '1023 B', '1.0 KiB', '10 KiB', '4.7 GiB']);
  assert.deepEqual([0, 59.9, 60, 3725, 90_000, 86_400].map(formatDuration), [
    '0 s',
    '59 s',
    '1 min',
    '1 h 2 min',
    '1 d 1 h',
    '1 d',
  ]);
});

test('a path that is too long keeps both ends', () => {
  assert.equal(shorten('file "/var/log/messages"', 16), 'file ...essages"');
  for (let width = 3; width < 30; width++) assert.ok(shorten('file "/var/log/messages"', width).length <= width);
});
