/**
 * Blocks: lines that limit the rules after them to programs (`!a,b`), hosts (`+a`, `-a`) or a property.
 *
 * The three kinds are independent; each is changed only by lines of its own kind. Forms of a list block:
 *   `!a,b` `!+a,b` only these programs, `!-a,b` all but these, `!!a` quick; `!` `!*` reset
 *   `+a,b` only these hosts, `-a,b` all but these, `++a` quick; `+` `-` `+*` `-*` reset
 * DEVIATION(sysklogd 2.7.2): a bare `+` resets, as in FreeBSD; in sysklogd it matches nothing. Names match as a whole;
 * sysklogd looks only at the first place where the name occurs in the list. A block in error disables its rules; in
 * sysklogd an invalid property filter lets everything through.
 */
import { HOST_MAX_BYTES, TAG_MAX_BYTES } from '../../protocol/limits.ts';
import type { NameFilter, PropertyFilter } from '../config.ts';
import type { ConfigLine, Word } from '../config-line.ts';
import { commentStart, skipBlanks, skipWord, splitWords, toUtf8 } from '../config-line.ts';
import { type Problems, quoteWord } from '../problems.ts';
import { isPropertyName, parsePropertyFilter } from './property-filter.ts';

/** The filter in force. Null: none; `broken`: one in error, its rules are left out. */
type InForce<T> = T | null | 'broken';

/** The filters in force at one place of a file. */
export interface Blocks {
  program: InForce<NameFilter>;
  host: InForce<NameFilter>;
  property: InForce<PropertyFilter>;
}

/** State at the beginning of every file, including included ones. */
export function noBlocks(): Blocks {
  return { program: null, host: null, property: null };
}

/** First bytes of a block line. */
const BLOCK_MARKS = '!+-:';
/** Beginning of a name after `#!`, `#+`, `#-`: anything else there is a comment. */
const NAME_LIST = '[A-Za-z0-9_\\x80-\\xff][^\\s,]*(?:,[A-Za-z0-9_\\x80-\\xff][^\\s,]*)*';
const LIVE_PROGRAM = new RegExp(`^!!?(?:\\*|[+-]?${NAME_LIST})(?:\\s+#.*)?$`);
const LIVE_HOST = new RegExp(`^(?:\\+\\+?|-)(?:\\*|(?:@|${NAME_LIST})(?:,@)?)(?:\\s+#.*)?$`);

/** Whether a line that begins like this belongs to a block. */
export function isBlockMark(text: string): boolean {
  return text !== '' && BLOCK_MARKS.includes(text.charAt(0));
}

/**
 * Tells a block after its `#`, which old daemons skip as a comment, from a comment like `#-----`.
 *
 * @param text the line without its `#`
 */
export function isLiveComment(text: string): boolean {
  switch (text.charAt(0)) {
    case '!':
      return LIVE_PROGRAM.test(text);
    case '+':
    case '-':
      return LIVE_HOST.test(text);
    case ':': {
      if (/^:\*\s*$/.test(text)) return true;
      const parts = /^:([A-Za-z]+)[ \t]*(?:,|[ \t]!?[A-Za-z_]+[ \t,]+")/.exec(text);
      return parts !== null && isPropertyName(parts[1] ?? '');
    }
    default:
      return false;
  }
}

/**
 * Reads a block line and puts it in force.
 *
 * @param sound false: the line is unreadable, only its kind is known
 */
export function applyBlock(line: ConfigLine, sound: boolean, blocks: Blocks, problems: Problems): void {
  switch (line.text.charAt(0)) {
    case '!':
      blocks.program = sound ? parseProgramBlock(line, problems) : 'broken';
      return;
    case ':':
      blocks.property = sound ? parsePropertyBlock(line, problems) : 'broken';
      return;
    default:
      blocks.host = sound ? parseHostBlock(line, problems) : 'broken';
  }
}

function parsePropertyBlock(line: ConfigLine, problems: Problems): InForce<PropertyFilter> {
  const start = skipBlanks(line.text, 1);
  const end = commentStart(line.text, 1);
  if (start >= end || line.text.slice(start, end) === '*') return null;
  return parsePropertyFilter(line, problems) ?? 'broken';
}

function parseProgramBlock(line: ConfigLine, problems: Problems): InForce<NameFilter> {
  const quick = line.text.startsWith('!!');
  const start = skipBlanks(line.text, quick ? 2 : 1);
  const sign = line.text.charAt(start);
  const signed = sign === '+' || sign === '-';
  const names = parseNames(line, signed ? start + 1 : start, checkProgram, problems);
  if (names === null || names === 'broken') return names;
  return { at: line.at(0), names, exclude: sign === '-', quick };
}

function parseHostBlock(line: ConfigLine, problems: Problems): InForce<NameFilter> {
  const quick = line.text.startsWith('++');
  const names = parseNames(line, quick ? 2 : 1, checkHost, problems);
  if (names === null || names === 'broken') return names;
  return { at: line.at(0), names, exclude: line.text.startsWith('-'), quick };
}

/** What a name must be instead; null: it is valid. */
type NameCheck = (name: string) => string | null;

/** @returns the names of a list; null: a reset */
function parseNames(line: ConfigLine, from: number, check: NameCheck, problems: Problems): InForce<readonly string[]> {
  const start = skipBlanks(line.text, from);
  const end = commentStart(line.text, start);
  if (start >= end || line.text.slice(start, end) === '*') return null;
  const names: string[] = [];
  let sound = true;
  for (const word of splitWords(line.text, start, end, ',')) {
    if (checkName(line, word, check, problems)) names.push(toUtf8(word.text));
    else sound = false;
  }
  return sound ? names : 'broken';
}

function checkName(line: ConfigLine, word: Word, check: NameCheck, problems: Problems): boolean {
  const wordEnd = skipWord(word.text, 0);
  if (word.text === '') {
    problems.add(line, word.off, 'empty name in a list', 'a name');
    return false;
  }
  if (wordEnd < word.text.length) {
    const off = skipBlanks(word.text, wordEnd);
    problems.add(line, word.off + off, `unexpected ${quoteWord(word.text.slice(off))}`, 'names separated by commas');
    return false;
  }
  const expected = check(word.text);
  if (expected === null) return true;
  problems.add(line, word.off, `bad name ${quoteWord(word.text)}`, expected);
  return false;
}

function checkProgram(name: string): string | null {
  if (/[*?\\"]/.test(name)) return 'a whole program name';
  return name.length > TAG_MAX_BYTES ? `a program name of at most ${TAG_MAX_BYTES} bytes` : null;
}

function checkHost(name: string): string | null {
  if (name === '@') return null;
  if (!/^[A-Za-z0-9_:][A-Za-z0-9._:%-]*$/.test(name)) return 'a whole host name, an address, or `@`';
  return name.length > HOST_MAX_BYTES ? `a host name of at most ${HOST_MAX_BYTES} bytes` : null;
}
