/**
 * Section NOT YET of the pages names what is refused, and nothing else. Once the last of it has arrived: delete the
 * section, and then this file.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTION_TABLE } from '../../../src/cli/option-table.ts';
import { unsupportedParts } from '../../../src/conf/supported.ts';
import { parseText } from '../../support/conf-source.ts';
import { Manual } from './mdoc.ts';

/** Asks for everything. */
const ALL = `!a
*.* /x
!*
+a
*.* /x
+*
:msg, contains, "a"
*.* /x
:*
*.* |/x
*.* |cat
*.* @h ;iface=a,ttl=2
*.* root
*.* *
*.* /x ;JSON,rotate=1M,mode=600,owner=a,group=b
udp_size 1k
rotate_size 1k
rotate_count 3
notify /bin/x
listen :514
secure_mode 1
max_message 4k
file_mode 640
`;

test('tsyslogd.8: NOT YET lists the options that are refused, and no other', () => {
  const refused = OPTION_TABLE.filter((row) => row.later === true).map((row) => `--${row.long}`);
  const shown = new Manual('tsyslogd.8').items('not yet').map((item) => item.columns.join(''));
  assert.deepEqual(shown.toSorted(), refused.toSorted());
});

test('tsyslog.conf.5: NOT YET lists what of the language is refused, and nothing else', () => {
  const parsed = parseText(ALL);
  assert.deepEqual(parsed.problems, []);
  const refused = unsupportedParts(parsed.configuration).map(({ what }) =>
    what.replace(/ (?:is|are) not supported yet$/, '').replaceAll('`', ''),
  );
  const shown = new Manual('tsyslog.conf.5').items('not yet').map((item) => item.columns.join(''));
  assert.deepEqual(shown.toSorted(), [...new Set(refused)].toSorted());
});
