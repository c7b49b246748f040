/**
 * syslog.conf → checked configuration: files, blocks, directives and rules, as described in syslog.conf(5).
 *
 * Every mistake is collected with its place; a rule in error is left out, valid ones stay. Every file starts without
 * blocks; after an `include` the blocks of the outer file apply again. Opens and starts nothing.
 */
import type { Configuration, ParsedConfiguration, Rule } from './config.ts';
import { applyBlock, type Blocks, noBlocks } from './statement/blocks.ts';
import { parseAction } from './statement/actions.ts';
import type { ConfigLine, Word } from './config-line.ts';
import { skipBlanks } from './config-line.ts';
import { applyDirective, includePattern, noDirectives, readDirective } from './statement/directives.ts';
import { withoutForeign } from './statement/foreign.ts';
import { splitLogicalLines } from './logical-lines.ts';
import { Problems, quoteWord } from './problems.ts';
import { parseSelectors } from './statement/selectors.ts';

/** Where the text comes from. */
export interface ConfigSource {
  /** Bytes of a file. Throws for unreadable ones. */
  read(path: string): Buffer;
  /** Files that match, sorted. Throws if the pattern cannot be followed. */
  glob(pattern: string): readonly string[];
  /** The canonical name of a file, whatever links lead to it. Never throws. */
  canonical(path: string): string;
  /** Whether an executable file exists there. Tells a command from a FIFO. Never throws. */
  isExecutable(path: string): boolean;
}

/** Maximum nesting of included files. */
const INCLUDE_DEPTH_MAX = 32;
/** Maximum number of files in one configuration; includes of includes multiply. */
const FILE_COUNT_MAX = 10_000;

/**
 * Reads a configuration and everything it includes, and checks it.
 *
 * @throws what `source.read` throws for the main file; errors of included ones become problems
 */
export function parseConfiguration(path: string, source: ConfigSource): ParsedConfiguration {
  const reader = new ConfigReader(source);
  reader.readFile(path, source.read(path));
  return { configuration: reader.result(), problems: reader.problems.list };
}

class ConfigReader {
  readonly problems = new Problems();
  readonly #source: ConfigSource;
  readonly #files: string[] = [];
  readonly #rules: Rule[] = [];
  readonly #directives = noDirectives();
  /** Keyed by the text of valid selectors: thousands of rules may have the same. */
  readonly #masks = new Map<string, Uint8Array>();
  /** Canonical names of the files being read, outermost first. */
  readonly #open: string[] = [];

  constructor(source: ConfigSource) {
    this.#source = source;
  }

  result(): Configuration {
    return { files: this.#files, rules: this.#rules, directives: this.#directives };
  }

  readFile(path: string, bytes: Buffer): void {
    this.#files.push(path);
    this.#open.push(this.#source.canonical(path));
    const blocks = noBlocks();
    const lines = splitLogicalLines(path, bytes, this.problems);
    for (const { kind, line, sound } of withoutForeign(lines, this.problems)) {
      if (kind === 'block') applyBlock(line, sound, blocks, this.problems);
      else if (sound) this.#readLine(line, blocks);
    }
    this.#open.pop();
  }

  #readLine(line: ConfigLine, blocks: Blocks): void {
    const directive = readDirective(line, this.problems);
    if (directive === 'unknown') return;
    if (directive === null) this.#readRule(line, blocks);
    else if (directive.key === 'include') this.#include(line, directive.value);
    else applyDirective(line, directive, this.#directives, this.problems);
  }

  #readRule(line: ConfigLine, blocks: Blocks): void {
    const blank = line.text.search(/[ \t]/);
    const end = blank === -1 ? line.text.length : blank;
    const isExecutable = (path: string): boolean => this.#source.isExecutable(path);
    const severityMasks = this.#readSelectors(line, end);
    const parsed = parseAction(line, skipBlanks(line.text, end), isExecutable, this.problems);
    if (severityMasks === null || parsed === null) return;
    const { program, host, property } = blocks;
    if (program === 'broken' || host === 'broken' || property === 'broken') return;
    const { at: actionAt, action, options } = parsed;
    this.#rules.push({ at: line.at(0), actionAt, severityMasks, action, options, program, host, property });
  }

  #readSelectors(line: ConfigLine, end: number): Uint8Array | null {
    const text = line.text.slice(0, end);
    const known = this.#masks.get(text);
    if (known !== undefined) return known;
    const masks = parseSelectors(line, end, this.problems);
    if (masks !== null) this.#masks.set(text, masks);
    return masks;
  }

  #include(line: ConfigLine, value: Word): void {
    if (value.text === '') {
      this.problems.add(line, value.off, '`include` without a value', 'a path or a pattern');
      return;
    }
    for (const path of this.#matches(line, value)) this.#includeFile(line, value, path);
  }

  #matches(line: ConfigLine, value: Word): readonly string[] {
    try {
      return this.#source.glob(includePattern(line, value));
    } catch (error) {
      this.problems.add(line, value.off, `cannot follow ${quoteWord(value.text)}: ${errorText(error)}`, null);
      return [];
    }
  }

  #includeFile(line: ConfigLine, value: Word, path: string): void {
    const refuse = (what: string, expected: string | null): void => this.problems.add(line, value.off, what, expected);
    if (this.#open.includes(this.#source.canonical(path))) {
      refuse(`\`${path}\` includes itself`, 'no include loop');
      return;
    }
    if (this.#open.length === INCLUDE_DEPTH_MAX || this.#files.length === FILE_COUNT_MAX) {
      refuse(`too many included files at \`${path}\``, `at most ${FILE_COUNT_MAX}, nested ${INCLUDE_DEPTH_MAX} deep`);
      return;
    }
    let bytes: Buffer;
    try {
      bytes = this.#source.read(path);
    } catch (error) {
      refuse(`cannot read \`${path}\`: ${errorText(error)}`, null);
      return;
    }
    this.readFile(path, bytes);
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
