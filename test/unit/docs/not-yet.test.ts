/**
 * Section NOT YET of tsyslogd.8 names what is refused, and nothing else. Once the last of it has arrived: delete the
 * section, and then this file.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTION_TABLE } from '../../../src/cli/option-table.ts';
import { Manual } from './mdoc.ts';

test('tsyslogd.8: NOT YET lists the options that are refused, and no other', () => {
  const refused = OPTION_TABLE.filter((row) => row.later === true).map((row) => `--${row.long}`);
  const shown = new Manual('tsyslogd.8').items('not yet').map((item) => item.columns.join(''));
  assert.deepEqual(shown.toSorted(), refused.toSorted());
});
