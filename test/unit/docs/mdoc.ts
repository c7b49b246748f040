/**
 * Reads as much of a manual page as tests need: sections, marked lists, literal blocks. Source: mdoc(7).
 *
 * Marks are comments: `.\" begin NAME` and `.\" end` around a list, any other before a literal block. Knows only the
 * macros that the pages use in heads of lists.
 */
import { readFileSync } from 'node:fs';
import { projectPath } from '../../support/project.ts';

export type ManualName = 'tsyslogd.8' | 'tsyslogctl.8' | 'tlogger.1' | 'tsyslog.conf.5';

export const MANUALS: readonly ManualName[] = ['tsyslogd.8', 'tsyslogctl.8', 'tlogger.1', 'tsyslog.conf.5'];

export function manualPath(name: ManualName): string {
  return projectPath('docs', 'man', name);
}

/** One `.It`. */
export interface Item {
  /** Its head as it is read; for tables the columns. */
  readonly columns: readonly string[];
  /** Arguments of `Cm`, `Dv`, `Ev` in the head, column by column. */
  readonly words: readonly (readonly string[])[];
  /** Arguments of `Li` joined, with a NUL for each `Ar`. */
  readonly pattern: string;
  /** Lines up to the next item, macros included. */
  readonly body: string;
}

export interface LiteralBlock {
  /** The comment before it; empty: none. */
  readonly mark: string;
  /** As it is shown. */
  readonly text: string;
  /** As it is written. */
  readonly source: string;
}

interface Token {
  readonly text: string;
  /** Neither a macro nor punctuation: it was quoted or escaped. */
  readonly plain: boolean;
}

const MACROS: ReadonlySet<string> = new Set([
  'Ar',
  'Cm',
  'Dv',
  'Ev',
  'Fl',
  'Fx',
  'Li',
  'No',
  'Ns',
  'Ox',
  'Pa',
  'Sy',
  'Xr',
]);
/** Macros whose arguments are words of the language, options aside. */
const WORD_MACROS: ReadonlySet<string> = new Set(['Cm', 'Dv', 'Ev']);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\-', '-'],
  ['\\&', ''],
  ['\\e', '\\'],
  ['\\(aq', "'"],
  ['\\(ga', '`'],
  ['\\(ha', '^'],
  ['\\(ti', '~'],
  ['\\(dq', '"'],
]);

function unescapeText(source: string): string {
  return source.replaceAll(/\\(?:\(..|.)/g, (escape) => {
    const char = ESCAPES.get(escape);
    if (char === undefined) throw new Error(`unknown escape ${escape}`);
    return char;
  });
}

function tokenize(line: string): readonly Token[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => {
    const source = quoted ?? word ?? '';
    return { text: unescapeText(source), plain: quoted !== undefined || source.includes('\\') };
  });
}

function splitColumns(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const columns: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === 'Ta' && !token.plain) columns.push([]);
    else columns.at(-1)?.push(token);
  }
  return columns;
}

/** What stands in one column, as it is read. */
class HeadReader {
  shown = '';
  pattern = '';
  readonly words: string[] = [];
  #macro = '';
  #glued = true;
  /** Was the last word glued to the one before? */
  #wasGlued = true;
  #open = 0;

  take(token: Token): void {
    const { text, plain } = token;
    if (!plain && this.#takeMacro(text)) return;
    if (!plain && /^[,:;.]$/.test(text)) this.#show(text, true);
    else this.#takeWord(text);
  }

  end(): void {
    this.shown += ']'.repeat(this.#open);
  }

  #takeMacro(text: string): boolean {
    if (text === 'Op' || text === 'Oo') {
      this.#show('[', false);
      this.#glued = true;
      // What Op encloses ends with the line, what Oo encloses with Oc.
      if (text === 'Op') this.#open++;
    } else if (text === 'Oc') this.#show(']', true);
    else if (text === 'Ns') this.#glued = true;
    else if (MACROS.has(text)) this.#macro = text;
    else return false;
    return true;
  }

  #takeWord(text: string): void {
    this.#show(this.#macro === 'Fl' ? `-${text}` : text, false);
    if (WORD_MACROS.has(this.#macro)) this.words.push(text);
    if (this.#macro === 'Li' || this.#macro === 'Ar') {
      const space = this.pattern === '' || this.#wasGlued ? '' : ' ';
      this.pattern += space + (this.#macro === 'Ar' ? '\0' : text);
    }
  }

  #show(text: string, glued: boolean): void {
    this.#wasGlued = this.#glued;
    this.shown += (this.#glued || glued ? '' : ' ') + text;
    this.#glued = false;
  }
}

function readItem(head: string, body: readonly string[]): Item {
  const readers = splitColumns(tokenize(head)).map((tokens) => {
    const reader = new HeadReader();
    for (const token of tokens) reader.take(token);
    reader.end();
    return reader;
  });
  return {
    columns: readers.map((reader) => reader.shown),
    words: readers.map((reader) => reader.words),
    pattern: readers[0]?.pattern ?? '',
    body: body.join('\n'),
  };
}

/** Where the items of the outermost list begin. */
function headsOf(range: readonly string[]): readonly number[] {
  let depth = 0;
  return range.flatMap((line, at) => {
    if (line.startsWith('.Bl ')) depth++;
    if (line === '.El') depth--;
    return depth === 1 && line.startsWith('.It ') ? [at] : [];
  });
}

/** A page of the manual. */
export class Manual {
  readonly lines: readonly string[];

  constructor(name: ManualName) {
    this.lines = readFileSync(manualPath(name), 'utf8').split('\n');
  }

  /** Names of the sections, in their order. */
  get sections(): readonly string[] {
    return this.lines.flatMap((line) => (line.startsWith('.Sh ') ? [line.slice(4)] : []));
  }

  /** The lines of a section; none where it is missing. */
  section(name: string): readonly string[] {
    const start = this.lines.indexOf(`.Sh ${name}`);
    if (start === -1) return [];
    const end = this.lines.findIndex((line, at) => at > start && line.startsWith('.Sh '));
    return this.lines.slice(start + 1, end === -1 ? undefined : end);
  }

  /** Items of the list that is marked so, heads of tables left out; none where there is no such list. */
  items(name: string): readonly Item[] {
    const start = this.lines.indexOf(`.\\" begin ${name}`);
    if (start === -1) return [];
    const end = this.lines.indexOf('.\\" end', start);
    const range = this.lines.slice(start, end);
    const heads = headsOf(range);
    return heads
      .filter((at) => !(range[at] ?? '').startsWith('.It Sy '))
      .map((at) => {
        const next = heads.find((other) => other > at);
        return readItem((range[at] ?? '').slice(4), range.slice(at + 1, next));
      });
  }

  /** All words of the heads of a marked list. */
  words(name: string): readonly string[] {
    return this.items(name).flatMap((item) => item.words.flat());
  }

  blocks(): readonly LiteralBlock[] {
    return this.lines.flatMap((line, at) => {
      if (!line.startsWith('.Bd -literal')) return [];
      const end = this.lines.indexOf('.Ed', at);
      const before = this.lines[at - 1] ?? '';
      const source = this.lines.slice(at + 1, end).join('\n');
      const isMarkup = source.startsWith('.');
      return [
        {
          mark: before.startsWith('.\\" ') ? before.slice(4) : '',
          text: isMarkup ? '' : `${unescapeText(source)}\n`,
          source: isMarkup ? '' : source,
        },
      ];
    });
  }
}
