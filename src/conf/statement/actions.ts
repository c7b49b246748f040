/**
 * The action field of a rule and its options: where the messages go, as in syslog.conf(5).
 *
 *   `/file` `-/file`  a file, a terminal, a device; `-`: not synced    `@host[:port]`  forwarding
 *   `|/path`          a FIFO, unless the path is an executable file     `*`             everybody logged in
 *   `|command`        a command for `sh -c`                             `user,user`     these users
 *
 * EXTENSION: a path that begins with `./` or `../` is relative to the folder of the file that contains it. A `#` after
 * a blank begins a comment, but not in a command, where it belongs to the shell; there options begin at the last `;`
 * that follows a blank and has known options right after it. DEVIATION(sysklogd 2.7.2): `;` in a file name is an error,
 * since the blank before it was probably forgotten, and so is a user name that looks like a path.
 */
import { dirname, resolve } from 'node:path';
import type { Action, ActionOptions, Position } from '../config.ts';
import { parseForwardTarget } from '../words/addresses.ts';
import type { ConfigLine } from '../config-line.ts';
import { commentStart, skipBlanks, skipWord, splitWords, toUtf8 } from '../config-line.ts';
import { foreignAction, foreignTemplate } from './foreign.ts';
import { looksLikeOptions, NO_OPTIONS, parseOptions } from './options.ts';
import { type Problems, quoteWord } from '../problems.ts';

/** Longest path. Source: path_resolution(7), PATH_MAX less the NUL. */
const PATH_MAX = 4095;
/** Number of bytes at the end of a line in which options of a command are looked for. */
const OPTIONS_MAX = 1000;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}\$?$/;
const ACTION_FORM = 'a path, `|command`, `@host`, `*` or user names';
/** Characters that a plain path after `|` cannot contain: they are special to the shell. */
const SHELL_SPECIAL = /[<>&|;()$`"'*?\\]/;
/** A path that the shell takes literally. */
const SHELL_PLAIN = /^[A-Za-z0-9_/.,+@%:=-]+$/;

export interface ParsedAction {
  readonly at: Position;
  readonly action: Action;
  readonly options: ActionOptions;
}

/** Tells whether a path names a file that can be run. */
export type IsExecutable = (path: string) => boolean;

/** The parsed action, and where its text ends. */
interface Head {
  readonly action: Action | null;
  /** To check the options even if the action itself is in error. */
  readonly kind: Action['kind'] | null;
  readonly end: number;
}

/** Reads `line.text` from `start` to its end; null with problems added. */
export function parseAction(
  line: ConfigLine,
  start: number,
  isExecutable: IsExecutable,
  problems: Problems,
): ParsedAction | null {
  if (start >= commentStart(line.text, start)) {
    problems.add(line, start, 'no action', ACTION_FORM);
    return null;
  }
  const head = parseHead(line, start, isExecutable, problems);
  if (head === null) return null;
  const options = parseTail(line, head, problems);
  return head.action === null || options === null ? null : { at: line.at(start), action: head.action, options };
}

/** @returns null if the rest of the line cannot be read either */
function parseHead(line: ConfigLine, start: number, isExecutable: IsExecutable, problems: Problems): Head | null {
  const text = line.text;
  const word = text.slice(start, skipWord(text, start));
  const foreign = foreignAction(text.slice(start));
  if (foreign !== null) {
    problems.add(line, start, foreign.what, foreign.expected);
    return null;
  }
  if (isPathStart(word) || word.startsWith('-')) return parseFile(line, start, word, problems);
  if (word.startsWith('|')) return parsePipe(line, start, isExecutable, problems);
  if (word.startsWith('@')) return parseForward(line, start, word, problems);
  if (word === '*') return { action: { kind: 'wall' }, kind: 'wall', end: start + 1 };
  return parseUsers(line, start, problems);
}

/** Reads what follows the action: nothing, a comment, or options. */
function parseTail(line: ConfigLine, head: Head, problems: Problems): ActionOptions | null {
  const start = skipBlanks(line.text, head.end);
  const end = commentStart(line.text, start);
  if (start >= end) return NO_OPTIONS;
  if (line.text.charAt(start) === ';') return parseOptions(line, start + 1, end, head.kind, problems);
  const word = line.text.slice(start, skipWord(line.text, start));
  problems.add(
    line,
    start,
    `unexpected ${quoteWord(word)} after the action`,
    '`;` and options, or the end of the line',
  );
  return null;
}

function isPathStart(word: string): boolean {
  return /^(?:\/|\.\.?\/)/.test(word);
}

/** @returns the path that a word names, absolute if possible */
function resolvePath(line: ConfigLine, word: string): string {
  const path = toUtf8(word);
  return path.startsWith('/') ? path : resolve(dirname(line.file), path);
}

function parseFile(line: ConfigLine, start: number, word: string, problems: Problems): Head {
  const sync = !word.startsWith('-');
  const path = sync ? word : word.slice(1);
  const end = start + word.length;
  if (!isPathStart(path) || !checkPath(line, end - path.length, path, problems)) {
    if (!isPathStart(path)) problems.add(line, start, `bad action ${quoteWord(word)}`, 'a path after `-`');
    return { action: null, kind: 'file', end };
  }
  return { action: { kind: 'file', path: resolvePath(line, path), sync }, kind: 'file', end };
}

function checkPath(line: ConfigLine, off: number, path: string, problems: Problems): boolean {
  if (refuseSemicolon(line, off, path, 'path', problems)) return false;
  if (/\/\.{0,2}$/.test(path)) {
    problems.add(line, off, `${quoteWord(path)} is a directory`, 'a file');
    return false;
  }
  if (path.length <= PATH_MAX) return true;
  problems.add(line, off, `path is ${path.length} bytes long`, `at most ${PATH_MAX}`);
  return false;
}

/** A `;` right after a path or a target: the blank was forgotten, or another daemon needs none. */
function refuseSemicolon(line: ConfigLine, off: number, word: string, name: string, problems: Problems): boolean {
  const semicolon = word.indexOf(';');
  if (semicolon === -1) return false;
  const template = foreignTemplate(word.slice(semicolon + 1));
  const what = template?.what ?? `\`;\` in the ${name} ${quoteWord(word)}`;
  problems.add(line, off + semicolon, what, template?.expected ?? 'a blank before the `;` of options');
  return true;
}

function parsePipe(line: ConfigLine, start: number, isExecutable: IsExecutable, problems: Problems): Head {
  const text = line.text;
  const from = skipBlanks(text, start + 1);
  const wordEnd = skipWord(text, from);
  const word = text.slice(from, wordEnd);
  const behind = text.charAt(skipBlanks(text, wordEnd));
  const end = commandEnd(text, from);
  const alone = end <= wordEnd || behind === '#';
  if (from >= end) {
    problems.add(line, start, 'no command after `|`', 'a command or the path of a FIFO');
    return { action: null, kind: null, end };
  }
  if (!isPathStart(word))
    return { action: { kind: 'command', command: toUtf8(text.slice(from, end)) }, kind: 'command', end };
  const path = resolvePath(line, word);
  if (!alone || SHELL_SPECIAL.test(word) || isExecutable(path)) {
    const program = word.startsWith('/') || SHELL_SPECIAL.test(word) ? toUtf8(word) : quoteForShell(path);
    return { action: { kind: 'command', command: program + toUtf8(text.slice(wordEnd, end)) }, kind: 'command', end };
  }
  const sound = checkPath(line, from, word, problems);
  return { action: sound ? { kind: 'fifo', path } : null, kind: 'fifo', end: wordEnd };
}

/** Where a command ends: before its options, or at the end of the line. */
function commandEnd(text: string, start: number): number {
  const from = Math.max(start, text.length - OPTIONS_MAX);
  for (let at = text.indexOf(';', from); at !== -1; at = text.indexOf(';', at + 1)) {
    const blankBefore = skipBlanks(text, at - 1) >= at;
    if (!blankBefore || skipBlanks(text, at + 1) > at + 1) continue;
    if (looksLikeOptions(text.slice(at + 1, commentStart(text, at + 1)))) return at - 1;
  }
  return text.length;
}

function quoteForShell(path: string): string {
  return SHELL_PLAIN.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function parseForward(line: ConfigLine, start: number, word: string, problems: Problems): Head {
  const end = start + word.length;
  const refused: Head = { action: null, kind: 'forward', end };
  if (refuseSemicolon(line, start, word, 'target', problems)) return refused;
  const target = parseForwardTarget(word.slice(1));
  if ('host' in target)
    return { action: { kind: 'forward', host: target.host, port: target.port }, kind: 'forward', end };
  problems.add(line, start + 1, toUtf8(target.what), target.expected);
  return refused;
}

function parseUsers(line: ConfigLine, start: number, problems: Problems): Head {
  const text = line.text;
  const comment = commentStart(text, start);
  const options = text.slice(start, comment).search(/[ \t];/);
  const end = options === -1 ? comment : start + options;
  const words = splitWords(text, start, end, ',');
  let sound = true;
  for (const word of words) {
    if (USER.test(word.text)) continue;
    const what = word.text === '' ? 'empty user name' : `bad action ${quoteWord(word.text)}`;
    const path = word.text.includes('/') ? `: did you mean ${quoteWord(`/${word.text}`)}?` : '';
    problems.add(line, word.off, what, ACTION_FORM + path);
    sound = false;
  }
  return { action: sound ? { kind: 'users', names: words.map((word) => word.text) } : null, kind: 'users', end };
}
