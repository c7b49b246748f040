/**
 * Entries of the journal. Source: systemd's "Native Journal Protocol", sd_journal_sendv(3).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEntry, readFields } from '../../../../src/cli/tlogger/journal.ts';

test('fields end at an empty line, and lines of MESSAGE are one field', () => {
  const text = 'MESSAGE=a\nX=1  \t\nMESSAGE=b\nX=2\n\nY=3\n';
  assert.deepEqual(readFields(text), ['MESSAGE=a\nb', 'X=1', 'X=2']);
});

test('a field ends at a NUL', () => {
  assert.deepEqual(readFields('A=1\0B=2\nC=3'), ['A=1', 'C=3']);
});

test('more than 1024 fields are refused', () => {
  assert.equal(readFields('A=1\n'.repeat(1024)).length, 1024);
  assert.throws(() => readFields('A=1\n'.repeat(1025)), { message: 'maximum input lines (1024) exceeded' });
});

test('a value with a newline is preceded by its length', () => {
  const entry = formatEntry(['MESSAGE=a\nb', 'X=1'], 'tlogger');
  assert.equal(entry?.toString('latin1'), 'MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nX=1\nSYSLOG_IDENTIFIER=tlogger\n');
});

test('a sender that names itself is not named again', () => {
  assert.equal(formatEntry(['SYSLOG_IDENTIFIER=x'], 'tlogger')?.toString(), 'SYSLOG_IDENTIFIER=x\n');
});

for (const fields of [[], ['A'], ['A=1', 'B']])
  test(`not an entry: ${JSON.stringify(fields)}`, () => {
    assert.equal(formatEntry(fields, 'tlogger'), null);
  });
