/**
 * What the daemon cannot do yet is named with its place; what it can do is not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../../../src/conf/config.ts';
import { unsupportedParts } from '../../../src/conf/supported.ts';
import { MAIN, parseText } from '../../support/conf-source.ts';

function unsupported(text: string): readonly string[] {
  const parsed = parseText(text, { '/etc/in.conf': '*.* /y' });
  assert.deepEqual(parsed.problems, []);
  return unsupportedParts(parsed.configuration).map((problem) => formatProblem(problem).replace(`${MAIN}:`, ''));
}

test('all actions, options, formats and directives are supported', () => {
  const text =
    '*.err /dev/console\n*.* |/x\n*.* |cat\n*.* root\n*.* *\n*.* -/x ;mode=600,owner=a,group=b,rotate=1M,JSON\n*.* @h\n*.* @h ;RFC5424,iface=a,ttl=2\nudp_size 1k\nrotate_size 1k\nrotate_count 3\nnotify /bin/x\nfile_mode 640\nmax_message 4k\nlisten :514\nsecure_mode 1\ninclude in.conf';
  assert.deepEqual(unsupported(text), []);
});

const MISSING: readonly (readonly [text: string, ...problems: string[]])[] = [
  ['!a\n*.* /x\n*.* /y', '1:1: program blocks are not supported yet'],
  ['  +a\n*.* /x', '1:3: host blocks are not supported yet'],
  [':msg, contains, "a"\n*.* /x', '1:1: property filters are not supported yet'],
];

for (const [text, ...problems] of MISSING) {
  test(`${JSON.stringify(text)} is told as not supported`, () => assert.deepEqual(unsupported(text), problems));
}
