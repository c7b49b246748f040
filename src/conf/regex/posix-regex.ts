/**
 * Regular expressions of property filters: POSIX basic and extended syntax, run by RE2 in linear time.
 *
 * Source: POSIX.1-2017 XBD §9.3 and §9.4, with the GNU extensions of regex(7) (`\+ \? \|` in basic expressions, `\w \W
 * \s \S \b \B`). Back-references are refused: no linear-time engine can run them. So are escaped letters without
 * meaning (`\d`), which POSIX leaves undefined.
 */
import type { RE2JS } from 're2js';
import { re2 } from '../../sys/process/late-packages.ts';
import { escapeCodePoint, PatternError, translateBracket } from './posix-bracket.ts';

export { PatternError } from './posix-bracket.ts';

export type PatternSyntax = 'basic' | 'extended';

/** Largest count that RE2 accepts in `{m,n}`. */
const REPEAT_MAX = 1000;
/** Maximum program size in instructions: bounds the time that one byte of a message can take. */
const PROGRAM_MAX = 1000;
/** Maximum pattern length in characters: a longer one could not fit in a program of that size. */
const PATTERN_MAX = 8000;
/** Maximum nesting of groups. */
const DEPTH_MAX = 100;
/** Escaped letters that mean the same in RE2. */
const CLASS_ESCAPES = 'wWsS';

/** The kinds of token in a pattern. */
type Token =
  | { readonly kind: 'atom' | 'anchor'; readonly source: string }
  | { readonly kind: 'repeat'; readonly source: string; readonly text: string }
  | { readonly kind: 'open' | 'close' | 'or' };

/**
 * A pattern ready to run. `test` tells whether it matches anywhere in UTF-8 bytes.
 *
 * @throws PatternError
 */
export function compilePattern(pattern: string, syntax: PatternSyntax, ignoreCase: boolean): RE2JS {
  const source = pattern.length > PATTERN_MAX ? null : translatePattern(pattern, syntax);
  const compiled = source === null ? null : tryCompile(source, ignoreCase);
  if (compiled === null || compiled.programSize() > PROGRAM_MAX) {
    throw new PatternError('pattern too large', `one of at most ${PROGRAM_MAX} steps`);
  }
  return compiled;
}

/** After translation, RE2 can refuse nothing but the size of the program. */
function tryCompile(source: string, ignoreCase: boolean): RE2JS | null {
  const { RE2JS } = re2();
  try {
    return RE2JS.compile(source, ignoreCase ? RE2JS.DOTALL | RE2JS.CASE_INSENSITIVE : RE2JS.DOTALL);
  } catch {
    return null;
  }
}

/**
 * The same pattern in RE2's syntax, to be used with its flag "dot matches newline".
 *
 * @throws PatternError
 */
export function translatePattern(pattern: string, syntax: PatternSyntax): string {
  const scanner = new Scanner(Array.from(pattern), syntax);
  /** What comes before the current alternative, outermost first. */
  const outer: string[] = [];
  let done = '';
  /** The last thing read, which a repetition would apply to; not to an anchor. */
  let atom = '';
  let repeatable = false;
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    switch (token.kind) {
      case 'atom':
      case 'anchor':
        done += atom;
        atom = token.source;
        repeatable = token.kind === 'atom';
        break;
      case 'repeat':
        if (!repeatable) throw new PatternError(`nothing to repeat before \`${token.text}\``, 'an expression');
        atom = `(?:${atom}${token.source})`;
        break;
      case 'or':
        done += `${atom}|`;
        atom = '';
        repeatable = false;
        break;
      case 'open':
        if (outer.length === DEPTH_MAX) throw new PatternError('groups nested too deeply', `at most ${DEPTH_MAX}`);
        outer.push(done + atom);
        done = '';
        atom = '';
        repeatable = false;
        break;
      case 'close':
        atom = `(?:${done}${atom})`;
        done = outer.pop() ?? '';
        repeatable = true;
        break;
    }
  }
  if (outer.length > 0)
    throw new PatternError('unterminated group', syntax === 'basic' ? 'a closing `\\)`' : 'a closing `)`');
  return done + atom;
}

/** Splits a pattern into tokens; knows which characters are special where. */
class Scanner {
  readonly #chars: readonly string[];
  readonly #basic: boolean;
  #at = 0;
  #depth = 0;
  /** At the beginning of an alternative, where `*` is no operator in basic syntax. */
  #atStart = true;

  constructor(chars: readonly string[], syntax: PatternSyntax) {
    this.#chars = chars;
    this.#basic = syntax === 'basic';
  }

  next(): Token | null {
    const char = this.#chars[this.#at];
    if (char === undefined) return null;
    this.#at++;
    const wasStart = this.#atStart;
    this.#atStart = false;
    if (char === '\\') return this.#escaped();
    if (char === '[') {
      const bracket = translateBracket(this.#chars, this.#at);
      this.#at = bracket.next;
      return { kind: 'atom', source: bracket.source };
    }
    if (char === '.') return { kind: 'atom', source: '.' };
    if (char === '*' && !(this.#basic && wasStart)) return { kind: 'repeat', source: '*', text: '*' };
    return (this.#basic ? this.#basicSpecial(char, wasStart) : this.#extendedSpecial(char)) ?? literal(char);
  }

  #basicSpecial(char: string, wasStart: boolean): Token | null {
    if (char === '^' && wasStart) {
      this.#atStart = true;
      return { kind: 'anchor', source: '\\A' };
    }
    const rest = this.#chars.slice(this.#at, this.#at + 2).join('');
    if (char === '$' && (rest === '' || rest === '\\)' || rest === '\\|')) return { kind: 'anchor', source: '\\z' };
    return null;
  }

  #extendedSpecial(char: string): Token | null {
    switch (char) {
      case '^':
        return { kind: 'anchor', source: '\\A' };
      case '$':
        return { kind: 'anchor', source: '\\z' };
      case '+':
      case '?':
        return { kind: 'repeat', source: char, text: char };
      case '{':
        return this.#interval('}');
      case '(':
        return this.#open();
      case ')':
        // An unmatched `)` is literal, as in GNU regex(7).
        return this.#depth > 0 ? this.#close() : null;
      case '|':
        return this.#or();
      default:
        return null;
    }
  }

  #escaped(): Token {
    const char = this.#chars[this.#at];
    if (char === undefined) throw new PatternError('`\\` at the end', 'a character after it');
    this.#at++;
    if (char >= '1' && char <= '9') {
      throw new PatternError(`back-reference \`\\${char}\``, 'a pattern that can be matched in linear time');
    }
    if (CLASS_ESCAPES.includes(char)) return { kind: 'atom', source: `\\${char}` };
    if (char === 'b' || char === 'B') return { kind: 'anchor', source: `\\${char}` };
    if (char === '`') return { kind: 'anchor', source: '\\A' };
    if (char === "'") return { kind: 'anchor', source: '\\z' };
    const special = this.#basic ? this.#escapedBasic(char) : null;
    if (special !== null) return special;
    if (/[a-zA-Z0-9<>]/.test(char)) {
      const instead = char === 'd' ? '`[[:digit:]]`' : 'a special character after the backslash';
      throw new PatternError(`unknown escape \`\\${char}\``, instead);
    }
    return literal(char);
  }

  #escapedBasic(char: string): Token | null {
    switch (char) {
      case '(':
        return this.#open();
      case ')':
        if (this.#depth === 0) throw new PatternError('`\\)` without `\\(`', 'a group before it');
        return this.#close();
      case '{':
        return this.#interval('\\}');
      case '|':
        return this.#or();
      case '+':
      case '?':
        return { kind: 'repeat', source: char, text: `\\${char}` };
      default:
        return null;
    }
  }

  #open(): Token {
    this.#depth++;
    this.#atStart = true;
    return { kind: 'open' };
  }

  #close(): Token {
    this.#depth--;
    return { kind: 'close' };
  }

  #or(): Token {
    this.#atStart = true;
    return { kind: 'or' };
  }

  /** `{m}`, `{m,}`, `{,n}`, `{m,n}`, after the opening brace. */
  #interval(close: string): Token {
    let text = '';
    while (this.#at < this.#chars.length && !text.endsWith(close)) text += this.#chars[this.#at++] ?? '';
    const bounds = /^([0-9]*)(,?)([0-9]*)$/.exec(text.slice(0, -close.length));
    const low = Number(bounds?.[1] ?? '');
    const high = bounds?.[2] === '' ? low : Number(bounds?.[3] || REPEAT_MAX);
    const empty = bounds !== null && bounds[1] === '' && bounds[3] === '';
    if (!text.endsWith(close) || bounds === null || empty || low > high || high > REPEAT_MAX) {
      throw new PatternError(`bad repetition \`{${text}\``, `\`{m,n}\` with m <= n <= ${REPEAT_MAX}`);
    }
    const source = `{${low}${bounds[2] === '' ? '' : `,${bounds[3] ?? ''}`}}`;
    return { kind: 'repeat', source, text: source };
  }
}

/** Characters that are never special to RE2. */
function literal(char: string): Token {
  return { kind: 'atom', source: /^[a-zA-Z0-9 ]$/.test(char) ? char : escapeCodePoint(char.codePointAt(0) ?? 0) };
}
