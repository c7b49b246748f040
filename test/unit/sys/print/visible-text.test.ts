/** Whatever a text holds, what is shown of it drives no terminal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, constantFrom, integer, jsonValue, oneof, property, string } from 'fast-check';
import { visibleJson, visibleLines, visiblePainted, visibleText } from '../../../../src/sys/print/visible-text.ts';

/** Controls, C1 too, overrides of direction, separators, halves of pairs. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/u;

/** Text full of what is not to be shown. */
const hostile = string({
  unit: oneof(
    integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
    constantFrom('\u202e', '\u2028', '\u2066', '\ufeff', '\ud83d', '\ude00', '😀', 'é', '\u200d', '\u{e0041}', '\\'),
  ),
});

test('each kind of unsafe character has its escape', () => {
  assert.equal(visibleText('a\tb\nc\rd'), 'a\\tb\\nc\\rd');
  assert.equal(visibleText('\x00\x1b[31m\x7f\x85\x9b'), '\\x00\\x1b[31m\\x7f\\x85\\x9b');
  assert.equal(visibleText('\u202egnp.exe\u2028\ufeff'), '\\u202egnp.exe\\u2028\\ufeff');
  assert.equal(visibleText('\ud83d \ude00 \u{e0041}'), '\\ud83d \\ude00 \\u{e0041}');
});

test('words of all languages stay as they are', () => {
  const text = 'naïve Größe 日本語 👩\u200d👩\u200d👧 می\u200cخواهم a\u00adb \\x1b';
  assert.equal(visibleText(text), text);
});

test('no text gets through unsafe; lines keep tabs and their ends', () => {
  check(
    property(hostile, (text) => {
      assert.doesNotMatch(visibleText(text), UNSAFE);
      assert.doesNotMatch(visibleLines(text).replaceAll(/[\t\n]/g, ''), UNSAFE);
      assert.equal(visibleLines(text).split('\n').length, text.split('\n').length);
    }),
  );
});

test('colours stay, and nothing else that begins as they do', () => {
  assert.equal(visiblePainted('\x1b[31mred\x1b[0m\tplain\n'), '\x1b[31mred\x1b[0m\tplain\n');
  for (const other of ['\x1b[2J', '\x1b]0;title\x07', '\x1b[31;1m', '\x1b[1000m', '\x9b31m', '\x1b', '\x1b\x1b['])
    assert.doesNotMatch(visiblePainted(`a${other}b`), UNSAFE, JSON.stringify(other));
});

test('JSON says the same with everything in it visible', () => {
  check(
    property(jsonValue(), hostile, (value, key) => {
      const before = JSON.stringify({ [key]: value, text: key });
      const after = visibleJson(before);
      assert.doesNotMatch(after, UNSAFE);
      assert.deepEqual(JSON.parse(after), JSON.parse(before));
    }),
  );
  assert.deepEqual(JSON.parse(visibleJson('{\r\n\t"a":\t"\u009b"}')), { a: '\u009b' });
});
