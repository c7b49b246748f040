/** What users see, byte by byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockText, textForEverybody, textForUsers } from '../../../../src/output/terminal/terminal-text.ts';

const NOW = new Date('2026-11-01T02:03:04Z');

test('the clock is that of ctime(3), the day padded with a blank', () => {
  assert.equal(clockText(NOW), 'Sun Nov  1 02:03:04 2026');
  assert.equal(clockText(new Date('2024-02-29T23:59:59Z')), 'Thu Feb 29 23:59:59 2024');
});

test('everybody: greeting with bell, host and time, then tag and text', () => {
  const text = textForEverybody(Buffer.from('Oct  9 22:33:20 web1 su[12]: on fire: now'), NOW);
  assert.equal(
    text.toString(),
    '\r\n\x07Message from syslogd@web1 at Sun Nov  1 02:03:04 2026 ...\r\nsu[12]: on fire: now\r\n\r\n',
  );
});

test('everybody: no text, no tag, no host', () => {
  const greeting = (host: string): string => `\r\n\x07Message from syslogd@${host} at Sun Nov  1 02:03:04 2026 ...\r\n`;
  assert.equal(textForEverybody(Buffer.from('Oct  9 22:33:20 h '), NOW).toString(), `${greeting('h')}\r\n\r\n`);
  assert.equal(textForEverybody(Buffer.from('Oct  9 22:33:20 h'), NOW).toString(), `${greeting('h')}\r\n\r\n`);
  assert.equal(textForEverybody(Buffer.from('Oct  9 22:33:20  t: x'), NOW).toString(), `${greeting('')}t: x\r\n\r\n`);
});

test('single users: the line and an empty one', () => {
  assert.equal(
    textForUsers(Buffer.from('Oct  9 22:33:20 web1 su: hi'), NOW).toString(),
    'Oct  9 22:33:20 web1 su: hi\r\n\r\n',
  );
});
