/**
 * Selectors: every form, over all priorities, against an interpreter of the text; and some by hand.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FACILITY_COUNT, SEVERITY_COUNT } from '../../../../src/protocol/priority.ts';
import { parseText, problemsOf } from '../../../support/conf-source.ts';
import { naiveSelects } from '../../../support/route-naive.ts';

function masksOf(field: string): Uint8Array {
  const parsed = parseText(`${field} /x`);
  assert.deepEqual(problemsOf(parsed), []);
  return parsed.configuration.rules[0]?.severityMasks ?? new Uint8Array();
}

/** Mask of facility mail, most severe bit last. */
const MASKS: readonly (readonly [field: string, mail: string])[] = [
  ['mail.err', '00001111'],
  ['mail.>=err', '00001111'],
  ['mail.=>err', '00001111'],
  ['mail.=err', '00001000'],
  ['mail.>err', '00000111'],
  ['mail.<err', '11110000'],
  ['mail.<=err', '11111000'],
  ['mail.=<err', '11111000'],
  ['mail.<>err', '11110111'],
  ['mail.<=>err', '11111111'],
  ['mail.*', '11111111'],
  ['mail.none', '00000000'],
  ['mail.=none', '00000000'],
  ['mail.!none', '11111111'],
  ['mail.!err', '00000000'],
  ['mail.*;mail.!err', '11110000'],
  ['mail.*;mail.!=err', '11110111'],
  ['mail.*;mail.!>err', '11111000'],
  ['mail.*;mail.!<err', '00001111'],
  ['mail.*;mail.!<=err', '00000111'],
  ['mail.*;mail.!>=err', '11110000'],
  ['mail.*;mail.!<>err', '00001000'],
  ['mail.*;mail.!*', '00000000'],
  ['mail.crit;*.err', '00001111'],
  ['*.debug;mail.err', '11111111'],
  ['mail.none;*.info', '01111111'],
  ['*.info;mail.none', '00000000'],
  ['*.=info;*.=notice', '01100000'],
  ['MAIL.Err', '00001111'],
  ['16.3', '00001111'],
  ['mail.0', '00000001'],
  ['mail.panic', '00000001'],
  ['mail.error', '00001111'],
  ['mail.WARN', '00011111'],
  ['kern,mail,news.crit', '00000111'],
  ['kern.*,mail.crit', '00000111'],
  ['kern.*;;mail.crit;,', '00000111'],
  ['*,kern.crit', '00000111'],
];

for (const [field, mail] of MASKS) {
  test(`${field} selects ${mail} of mail`, () => {
    assert.equal((masksOf(field)[2] ?? 0).toString(2).padStart(8, '0'), mail);
  });
}

test('`*` includes mark, and mark can be taken away', () => {
  assert.equal(masksOf('*.info')[24], 0b0111_1111);
  assert.equal(masksOf('*.info;mark.none')[24], 0);
  assert.equal(masksOf('192.=6')[24], 0b0100_0000);
});

test('every form selects what the interpreter selects, for all facilities and severities', () => {
  const facilities = ['*', 'kern', 'mail,LOCAL7', 'security', '8', '192', 'cron_sol,ftp'];
  const names = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', '0', '3', '7', 'Panic', 'ERROR'];
  const operators = ['', '=', '<', '>', '<=', '>=', '<>', '<=>', '=>'];
  const priorities = ['*', 'none', ...operators.flatMap((operator) => names.map((name) => operator + name))];
  for (const facility of facilities) {
    for (const priority of priorities) {
      for (const field of [
        `${facility}.${priority}`,
        `*.*;${facility}.!${priority}`,
        `mail.err;${facility}.!${priority};*.=info`,
      ]) {
        const masks = masksOf(field);
        for (let pri = 0; pri < FACILITY_COUNT * SEVERITY_COUNT; pri++) {
          const [number, severity] = [Math.floor(pri / 8), pri % 8];
          const selected = ((masks[number] ?? 0) & (1 << severity)) !== 0;
          if (selected !== naiveSelects(field, number, severity)) assert.fail(`${field} at ${number}.${severity}`);
        }
      }
    }
  }
});
