/**
 * The words of an explanation: each says what decided, and where that stands.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigLine } from '../../../../src/conf/config-line.ts';
import { parseConfiguration } from '../../../../src/conf/parse.ts';
import { Batch } from '../../../../src/dgram-parser/columns/batch.ts';
import { FACILITY, SEVERITY } from '../../../../src/protocol/priority.ts';
import { explainRow } from '../../../../src/route/explain/explain.ts';
import { describeOutcome } from '../../../../src/route/explain/reasons.ts';
import { explainSelectors } from '../../../../src/route/explain/selectors.ts';
import { SourceText } from '../../../../src/route/explain/source.ts';
import { MAIN, memorySource } from '../../../support/conf-source.ts';
import type { NaiveMessage } from '../../../support/route-naive.ts';
import { LabelList, numberActions, OWN_HOST, putMessage } from '../../../support/route-rig.ts';

const MAIL_ERR = FACILITY.mail * 8 + SEVERITY.err;

const SELECTORS: readonly (readonly [string, boolean, string])[] = [
  ['mail.*;mail.!err', false, '`mail.!err` excludes err and above'],
  ['*.info;mail.none;authpriv.none', false, '`mail.none` excludes all of mail'],
  ['*.*;mail.!=err', false, '`mail.!=err` excludes err'],
  ['*.*;mail.!<warn;mail.!err', false, '`mail.!err` excludes err and above'],
  ['kern.*', false, 'no selector for mail'],
  ['mail.crit', false, '`mail.crit` selects crit and above only'],
  ['mail.=info', false, '`mail.=info` selects info only'],
  ['mail.<err', false, '`mail.<err` selects warning and below only'],
  ['mail.<>err', false, '`mail.<>err` selects all but err only'],
  ['mail.=info;mail.=crit', false, 'selects crit, info only'],
  ['mail.none', false, '`mail.none` selects nothing of mail'],
  ['mail.crit;mail.none', false, 'selects nothing of mail'],
  ['*.err', true, '`*.err` selects err and above'],
  ['kern,mail.=err,user.crit', true, '`kern,mail.=err` selects err'],
  ['mail.none;mail.!none', true, '`mail.!none` selects all of mail'],
  [',;mail.err;,', true, '`mail.err` selects err and above'],
];

for (const [field, selected, why] of SELECTORS)
  test(`${field} and mail.err: ${why}`, () => {
    const line = new ConfigLine(MAIN, [{ text: field, line: 1, column: 1 }]);
    assert.deepEqual(explainSelectors(line, field.length, MAIL_ERR), { selected, why });
  });

const MESSAGE: NaiveMessage = {
  facility: FACILITY.mail,
  severity: SEVERITY.err,
  tag: 'postfix',
  host: OWN_HOST,
  text: 'disk is full',
  msgId: '',
  sd: '',
};

/** The answers of all rules. */
function answersOf(
  text: string,
  fields: Partial<NaiveMessage> = {},
  others: Readonly<Record<string, string>> = {},
): readonly string[] {
  const texts = new SourceText();
  const { configuration } = parseConfiguration(MAIN, texts.recording(memorySource({ ...others, [MAIN]: text })));
  const batch = new Batch(1, 8192);
  const labels = new LabelList();
  const row = putMessage(batch, labels, { ...MESSAGE, ...fields });
  labels.locate(batch, row);
  const { rules } = configuration;
  const context = {
    destinationOf: numberActions(rules).of,
    ownHosts: [OWN_HOST],
    isLeftOut: (rule: (typeof rules)[number]) => rule.action.kind === 'forward',
  };
  return explainRow(rules, context, batch, row, labels).map((outcome) => {
    const { yes, notes } = describeOutcome(outcome, { texts, pri: MAIL_ERR, leftOut: 'secure mode' });
    return [yes ? 'yes' : 'no', ...notes].join(': ');
  });
}

const BLOCKS: readonly (readonly [string, Partial<NaiveMessage>, string])[] = [
  ['!sshd,cron', {}, 'line 1 selects program sshd or cron, this is `postfix`'],
  ['!sshd', { tag: '' }, 'line 1 selects program sshd, the message has none'],
  ['!-postfix', {}, 'line 1 excludes program `postfix`'],
  ['+web1,@', { host: 'web2' }, 'line 1 selects host web1 or @, this is `web2`'],
  ['-@', {}, `line 1 excludes host \`${OWN_HOST}\``],
  [':msg, contains, "empty"', {}, 'line 1 selects msg that contains `empty`'],
  [':msg, !contains, "full"', {}, 'line 1 selects msg that does not contain `full`'],
  [':msg, icase_isequal, "FULL"', {}, 'line 1 selects msg that is `FULL` in any case'],
  [':programname, startswith, "ssh"', {}, 'line 1 selects programname that begins with `ssh`, this is `postfix`'],
  [':msgid, ereregex, "^M[0-9]"', {}, 'line 1 selects msgid that matches `^M[0-9]`, the message has none'],
  ['!evil', { tag: 'a\u001b[31m' }, 'line 1 selects program evil, this is `a\\x1b[31m`'],
];

for (const [block, fields, why] of BLOCKS)
  test(`under ${block}: ${why}`, () => {
    assert.deepEqual(answersOf(`${block}\n*.* /a`, fields), [`no: ${why}`]);
  });

test('all that stops a message is named, not only the first', () => {
  const [answer] = answersOf('!sshd\n+web1\n:msg, contains, "x"\n*.* /a');
  assert.equal(answer?.split(': ').length, 4);
});

test('a quick block ends the search, and what comes behind it says where', () => {
  assert.deepEqual(answersOf('*.* /a\n!!postfix\n*.crit /b\n*.* /a\n*.* /c\n!*\n*.* /d'), [
    'yes',
    'no: `*.crit` selects crit and above only',
    'no: line 1 has already sent it there: the search ends here, because of the quick block in line 2',
    'no: the search ended in line 4',
    'no: the search ended in line 4',
  ]);
});

test('a rule that is left out neither takes a message nor ends the search', () => {
  assert.deepEqual(answersOf('!!postfix\n*.* @host\n!*\n*.* /a'), ['no: secure mode', 'yes']);
});

test('places in included files are named in full where they are in another file', () => {
  const answers = answersOf('include /etc/i.conf\n*.* /a', {}, { '/etc/i.conf': '!!postfix\n*.* /a\n' });
  assert.deepEqual(answers, [
    'yes: the search ends here, because of the quick block in line 1',
    'no: the search ended in /etc/i.conf:2',
  ]);
});

test('a rule over several lines is explained as one', () => {
  assert.deepEqual(answersOf('*.*;\\\n# between\n  mail.none \\\n  /a'), ['no: `mail.none` excludes all of mail']);
});
