/**
 * Recognizes what belongs to other daemons' configurations, so that users who bring one read what to write here:
 * rsyslog's statements and `$` directives, syslog-ng's statements, and the actions that rsyslog and OpenBSD add.
 *
 * Nothing here is carried out. A statement over several lines is one mistake: everything up to its last bracket belongs
 * to it, and rules inside it are not rules here.
 */
import { type ConfigLine, skipWord } from '../config-line.ts';
import {
  ANY_TEMPLATE,
  DISCARD,
  NO_TCP,
  RSYSLOG_INCLUDE,
  RSYSLOG_OUTPUTS,
  rsyslogDirective,
  rsyslogInput,
  RSYSLOG_STATEMENTS,
  RSYSLOG_TEMPLATES,
  RSYSLOG_WORDS,
  RULE,
  SYSLOG_NG_WORDS,
} from './foreign-words.ts';
import type { LogicalLine } from '../logical-lines.ts';
import { type Problems, quoteWord } from '../problems.ts';

/** What was found, whose it is, and what to write instead. */
export interface Foreign {
  readonly what: string;
  readonly expected: string;
}

/** Maximum number of lines in a statement: what follows is read as usual. */
const LINES_MAX = 1000;

function of(owner: string, word: string, expected: string): Foreign {
  return { what: `${quoteWord(word)} is ${owner} syntax`, expected };
}

/** @returns null: the line is not a statement of another daemon, but may still be wrong */
export function foreignStatement(text: string): Foreign | null {
  const [, name = '', parenthesis = ''] = /^([a-z_]+)[ \t]*(\(?)/.exec(text) ?? [];
  const statement = parenthesis === '' ? undefined : statementAdvice(name, text);
  if (statement !== undefined) return of('rsyslog', `${name}(`, statement);
  return foreignDirective(text) ?? foreignMark(text) ?? syslogNgStatement(text) ?? foreignWord(text, name);
}

function statementAdvice(name: string, text: string): string | undefined {
  if (name === 'input' || (name === 'module' && /tcp/.test(text))) return rsyslogInput(text);
  if (name === 'include') return /\([ \t]*(?:$|file|text|mode)/.test(text) ? RSYSLOG_INCLUDE : undefined;
  return RSYSLOG_STATEMENTS.get(name);
}

function foreignDirective(text: string): Foreign | null {
  const [, name = '', value = ''] = /^\$([A-Za-z][A-Za-z0-9]*)(?:[ \t]+(.*))?$/.exec(text) ?? [];
  if (name.toLowerCase() === 'includeconfig' && value !== '')
    return of('rsyslog', `$${name}`, quoteWord(`include ${value}`));
  const expected = rsyslogDirective(name);
  return expected === null ? null : of('rsyslog', `$${name}`, expected);
}

/** `& stop`, `& /file`, and the closing bracket of a statement whose first line was unreadable. */
function foreignMark(text: string): Foreign | null {
  if (/^&[ \t]*(?:~|stop\b)|^~/.test(text)) return of('rsyslog', text, DISCARD);
  if (text.startsWith('&')) return of('rsyslog', '&', 'the selectors again, and the action');
  return /^[})][;)} \t]*$/.test(text) ? { what: `${quoteWord(text)} closes nothing`, expected: RULE } : null;
}

function syslogNgStatement(text: string): Foreign | null {
  const directive = /^@[a-z]+/.exec(text)?.[0];
  if (directive !== undefined) {
    const known = SYSLOG_NG_WORDS.get(directive);
    return known === undefined ? null : of('syslog-ng', directive, known);
  }
  const [head = '', word = ''] = /^([a-z]+)(?:[ \t]+[\w.-]+)?[ \t]*\{/.exec(text) ?? [];
  const expected = SYSLOG_NG_WORDS.get(word);
  return expected === undefined ? null : of('syslog-ng', head, expected);
}

function foreignWord(text: string, name: string): Foreign | null {
  const expected = /^[a-z_]+(?:$|[ \t;({])/.test(text) ? RSYSLOG_WORDS.get(name) : undefined;
  return expected === undefined ? null : of('rsyslog', name, expected);
}

/** @param text from the beginning of the action. @returns null: no action of another daemon */
export function foreignAction(text: string): Foreign | null {
  const word = text.slice(0, skipWord(text, 0));
  const statement = /^([a-z_]+)\(/.exec(word)?.[1];
  if (statement !== undefined && RSYSLOG_STATEMENTS.has(statement)) return of('rsyslog', `${statement}(`, RULE);
  if (word === 'stop' || word.startsWith('~')) return of('rsyslog', word, DISCARD);
  if (/^call[ \t]+\w/.test(text)) return of('rsyslog', word, RSYSLOG_WORDS.get('call') ?? RULE);
  if (word.startsWith('{')) return of('rsyslog', word, RULE);
  if (word.startsWith('^')) return of('rsyslog', word, '`|command`');
  if (word.startsWith('>')) return of('rsyslog', word, '`|command`, with a client of the database');
  if (/^-?\?/.test(word)) return of('rsyslog', word, 'a path: one rule per file, under blocks');
  const module = /^:([A-Za-z0-9]*):/.exec(word)?.[1];
  if (module !== undefined) return of('rsyslog', word, RSYSLOG_OUTPUTS.get(module) ?? '`|command`');
  return foreignTarget(word);
}

function foreignTarget(word: string): Foreign | null {
  if (/^@@|^@\([^)]*\)@/.test(word)) return of('rsyslog', word, NO_TCP);
  if (/^@\(/.test(word)) return of('rsyslog', word, '`@host`, without options in parentheses');
  const [, scheme = ''] = /^@(tcp[46]?|tls[46]?|udp[46]?):\/\//.exec(word) ?? [];
  if (scheme.startsWith('udp')) return of('OpenBSD', word, '`@host`');
  return scheme === '' ? null : of('OpenBSD', word, NO_TCP);
}

/** @param name after a `;`. @returns what to write in place of an rsyslog template; null: not the name of one */
export function foreignTemplate(name: string): Foreign | null {
  const known = RSYSLOG_TEMPLATES.get(name);
  if (known !== undefined || name.startsWith('RSYSLOG_')) return of('rsyslog', name, known ?? ANY_TEMPLATE);
  return null;
}

/** Follows a statement of another daemon across lines. */
class Statement {
  #depth = 0;
  /** It ended in a word that needs more. */
  #wantsMore = false;
  #quote = '';

  /** @returns whether it continues on the next line */
  take(text: string): boolean {
    const bare = this.#withoutStrings(text);
    for (const char of bare) {
      if (char === '(' || char === '{') this.#depth++;
      if (char === ')' || char === '}') this.#depth--;
    }
    this.#wantsMore = /(?:^|[\s)])(?:then|else|and|or|not)$/.test(bare);
    return this.#depth > 0 || this.#quote !== '' || this.#wantsMore;
  }

  /** Removes strings, which may span lines, and a comment. */
  #withoutStrings(text: string): string {
    let bare = '';
    for (let at = 0; at < text.length; at++) {
      const char = text.charAt(at);
      if (this.#quote !== '') {
        if (char === '\\') at++;
        else if (char === this.#quote) this.#quote = '';
      } else if (char === '"' || char === "'") this.#quote = char;
      else if (char === '#') break;
      else bare += char;
    }
    return bare.trimEnd();
  }
}

/**
 * Leaves out the statements of other daemons, each with one problem. If one has no end, only its first line is left
 * out.
 */
export function* withoutForeign(source: Iterator<LogicalLine, void>, problems: Problems): Generator<LogicalLine, void> {
  // Lines that were searched for the end of a statement in vain; they are not searched again.
  const seen: LogicalLine[] = [];
  for (;;) {
    const again = seen.length > 0;
    const next = seen.shift() ?? source.next().value;
    if (next === undefined) return;
    if (!tell(next, problems)) yield next;
    else if (!again) seen.push(...withoutEnd(next.line, source));
  }
}

function tell({ kind, line, sound }: LogicalLine, problems: Problems): boolean {
  const foreign = kind === 'text' && sound ? foreignStatement(line.text) : null;
  if (foreign !== null) problems.add(line, 0, foreign.what, foreign.expected);
  return foreign !== null;
}

/** Skips the rest of a statement. @returns the lines read, if it has no end */
function withoutEnd(first: ConfigLine, source: Iterator<LogicalLine, void>): readonly LogicalLine[] {
  const statement = new Statement();
  const read: LogicalLine[] = [];
  for (let open = statement.take(first.text); open; ) {
    const next = read.length < LINES_MAX ? source.next().value : undefined;
    if (next === undefined) return read;
    read.push(next);
    open = statement.take(next.line.text);
  }
  return [];
}
