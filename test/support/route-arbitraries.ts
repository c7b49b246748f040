/**
 * Random configurations and messages for routing: few names, so that they meet.
 */
import * as fc from 'fast-check';
import type { NaiveMessage } from './route-naive.ts';

const NAMES = ['a', 'A', 'b', 'ab', 'abc', 'own'];
const name = fc.constantFrom(...NAMES);
const list = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join(','));
const hostList = fc
  .array(fc.constantFrom(...NAMES, '@'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join(','));
const facility = fc.constantFrom('*', 'kern', 'user', 'mail', 'LOCAL7', 'mark', '16', 'kern,mail');
const severity = fc.constantFrom('emerg', 'err', 'warn', 'info', 'debug', '4');
const operator = fc.constantFrom('', '=', '<', '>', '<=', '>=', '<>', '!', '!=', '!<', '!>', '!<=', '!>=');
const priority = fc.oneof(
  fc.tuple(operator, severity).map((parts) => parts.join('')),
  fc.constantFrom('*', '!*', 'none', '!none'),
);
/** A selector field. */
export const selectors: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(facility, priority).map((parts) => parts.join('.')),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(';'));
const rule = fc.tuple(selectors, fc.constantFrom('/1', '/2', '/3', '/4', '/5')).map((parts) => parts.join(' '));
const block = fc.oneof(
  fc.tuple(fc.constantFrom('!', '!+', '!-', '!!', '!!-'), list).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('+', '-', '++'), hostList).map((parts) => parts.join('')),
  fc.constantFrom('!*', '+*', '-*', ':*'),
  fc
    .tuple(
      fc.constantFrom('msg', 'programname', 'hostname', 'msgid', 'sd'),
      fc.constantFrom('contains', 'isequal', 'startswith', 'ereregex', 'regex'),
      fc.constantFrom('', '!', 'icase_', '!icase_'),
      fc.constantFrom('a', 'ab', 'B', 'a.', '^ab', 'b$'),
    )
    .filter(
      ([, comparison, modifier, value]) =>
        !/[.^$]/.test(value) || (comparison.endsWith('regex') && !modifier.includes('icase')),
    )
    .map(([property, comparison, modifier, value]) => `:${property}, ${modifier}${comparison}, "${value}"`),
);
/** A configuration without a mistake. */
export const text: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 2, arbitrary: rule }, { weight: 1, arbitrary: block }), { maxLength: 14 })
  .map((lines) => lines.join('\n'));
const word = fc.constantFrom('', ...NAMES);
export const message: fc.Arbitrary<NaiveMessage> = fc.record({
  facility: fc.constantFrom(0, 1, 2, 3, 23, 24),
  severity: fc.nat(7),
  tag: word,
  host: word,
  text: fc.array(word, { maxLength: 3 }).map((words) => words.join('')),
  msgId: word,
  sd: word,
});
