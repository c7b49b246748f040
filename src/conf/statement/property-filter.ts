/**
 * Property filters: `:property, [!][icase_]operator, "value"`, as in syslog.conf(5) of sysklogd and FreeBSD.
 *
 * Separators are commas, blanks or both. A backslash in the value makes the next byte literal, so `\.` of a regular
 * expression is written `\\.`. Checks that patterns compile; `route` runs them.
 */
import type { PropertyFilter, PropertyName, PropertyOperator } from '../config.ts';
import type { ConfigLine, Word } from '../config-line.ts';
import { commentStart, skipBlanks, toUtf8 } from '../config-line.ts';
import { QUICK } from './foreign-words.ts';
import { compilePattern, PatternError } from '../regex/posix-regex.ts';
import { type Problems, quoteWord } from '../problems.ts';
import { withSuggestion } from '../words/suggest.ts';

/** Properties by name and synonym. */
export const PROPERTIES: ReadonlyMap<string, PropertyName> = new Map([
  ['msg', 'msg'],
  ['msgid', 'msgid'],
  ['sd', 'sd'],
  ['data', 'sd'],
  ['hostname', 'hostname'],
  ['source', 'hostname'],
  ['programname', 'programname'],
]);
/** Operators by name and synonym. */
export const OPERATORS: ReadonlyMap<string, PropertyOperator> = new Map([
  ['contains', 'contains'],
  ['isequal', 'isequal'],
  ['equal', 'isequal'],
  ['startswith', 'startswith'],
  ['regex', 'regex'],
  ['ereregex', 'ereregex'],
  ['eregex', 'ereregex'],
]);

/** Whether this is the name of a property, in any case. */
export function isPropertyName(text: string): boolean {
  return PROPERTIES.has(text.toLowerCase());
}

/** Reads the line after its `:`; null with problems added. */
export function parsePropertyFilter(line: ConfigLine, problems: Problems): PropertyFilter | null {
  const propertyWord = readWord(line.text, skipBlanks(line.text, 1));
  const operatorWord = readWord(line.text, skipSeparators(line.text, propertyWord));
  const property = parseProperty(line, propertyWord, problems);
  if (operatorWord.text === '') {
    problems.add(line, operatorWord.off, 'no operator', operatorForm());
    return null;
  }
  const operator = parseOperator(line, operatorWord, problems);
  const valueOff = skipSeparators(line.text, operatorWord);
  const value = parseValue(line, valueOff, problems);
  if (property === null || operator === null || value === null) return null;
  const filter: PropertyFilter = { at: line.at(0), property, ...operator, value };
  return checkPattern(line, valueOff, filter, problems) ? filter : null;
}

function isSeparator(char: string): boolean {
  return char === ',' || char === ' ' || char === '\t';
}

function readWord(text: string, off: number): Word {
  let end = off;
  while (end < text.length && !isSeparator(text.charAt(end)) && text.charAt(end) !== '"') end++;
  return { text: text.slice(off, end), off };
}

function skipSeparators(text: string, word: Word): number {
  let at = word.off + word.text.length;
  while (at < text.length && isSeparator(text.charAt(at))) at++;
  return at;
}

function parseProperty(line: ConfigLine, word: Word, problems: Problems): PropertyName | null {
  const property = PROPERTIES.get(word.text.toLowerCase());
  if (property !== undefined) return property;
  const names = [...PROPERTIES.keys()];
  const what = word.text === '' ? 'no property' : `unknown property ${quoteWord(word.text)}`;
  problems.add(line, word.off, what, withSuggestion(`one of ${names.join(', ')}`, word.text, names));
  return null;
}

function operatorForm(): string {
  return `one of ${[...OPERATORS.keys()].join(', ')}`;
}

type OperatorParts = Pick<PropertyFilter, 'operator' | 'negate' | 'ignoreCase'>;

function parseOperator(line: ConfigLine, word: Word, problems: Problems): OperatorParts | null {
  const negate = word.text.startsWith('!');
  const signed = word.text.slice(negate ? 1 : 0).toLowerCase();
  const ignoreCase = signed.startsWith('icase_');
  const name = ignoreCase ? signed.slice('icase_'.length) : signed;
  const operator = OPERATORS.get(name);
  if (operator !== undefined) return { operator, negate, ignoreCase };
  const off = word.off + word.text.length - name.length;
  const expected = withSuggestion(operatorForm(), name, OPERATORS.keys());
  problems.add(line, off, `unknown operator ${quoteWord(word.text.slice(off - word.off))}`, expected);
  return null;
}

/** @returns the unquoted value, as UTF-8 */
function parseValue(line: ConfigLine, off: number, problems: Problems): string | null {
  const text = line.text;
  if (text.charAt(off) !== '"') {
    problems.add(line, off, off < text.length ? 'value without quotes' : 'no value', 'a value in double quotes');
    return null;
  }
  let value = '';
  let at = off + 1;
  while (at < text.length && text.charAt(at) !== '"') {
    if (text.charAt(at) === '\\' && at + 1 < text.length) at++;
    value += text.charAt(at);
    at++;
  }
  if (at >= text.length) {
    problems.add(line, off, 'unterminated value', 'a closing `"`');
    return null;
  }
  const rest = skipBlanks(text, at + 1);
  // A comment needs a blank before it, as everywhere.
  if (rest >= commentStart(text, rest) && (rest > at + 1 || rest === text.length)) return toUtf8(value);
  const behind = text.slice(rest);
  problems.add(line, rest, `unexpected ${quoteWord(behind)} after the value`, expectedBehind(behind));
  return null;
}

/** In rsyslog an action follows here. */
function expectedBehind(found: string): string {
  const end = 'the end of the line';
  if (found.startsWith('#')) return end;
  if (/^(?:~|stop\b)/.test(found)) return `${end}: only ${QUICK} keep messages from later rules`;
  return `${end}, and a rule on the next line`;
}

function checkPattern(line: ConfigLine, off: number, filter: PropertyFilter, problems: Problems): boolean {
  if (filter.operator !== 'regex' && filter.operator !== 'ereregex') return true;
  try {
    compilePattern(filter.value, filter.operator === 'regex' ? 'basic' : 'extended', filter.ignoreCase);
    return true;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    problems.add(line, off, error.message, error.expected);
    return false;
  }
}
