/**
 * Configuration text that is remembered while it is parsed, so that a rule can be shown as it was written.
 *
 * Does not parse: places come from the parsed rules, lines from the parser's own splitter.
 */
import type { Position, Rule } from '../../conf/config.ts';
import { commentStart, type ConfigLine, skipBlanks, toUtf8 } from '../../conf/config-line.ts';
import { splitLogicalLines } from '../../conf/logical-lines.ts';
import type { ConfigSource } from '../../conf/parse.ts';
import { Problems } from '../../conf/problems.ts';

/** A rule's two fields, continuation lines joined. */
export interface RuleText {
  readonly line: ConfigLine;
  /** End of the selectors in `line.text`. */
  readonly selectorEnd: number;
  readonly selectors: string;
  /** With its options, without a comment. */
  readonly action: string;
}

/** The text that was read, and the way from a place back to its line. */
export class SourceText {
  readonly #files = new Map<string, Buffer>();
  readonly #lines = new Map<string, ReadonlyMap<string, ConfigLine>>();

  /** @returns a source that reads from `source` and remembers every file */
  recording(source: ConfigSource): ConfigSource {
    return {
      ...source,
      read: (path) => {
        const bytes = source.read(path);
        this.add(path, bytes);
        return bytes;
      },
    };
  }

  add(path: string, bytes: Buffer): void {
    this.#files.set(path, bytes);
  }

  /** @returns null if the rule's file was not read here */
  textOf(rule: Rule): RuleText | null {
    const line = this.#linesOf(rule.at.file).get(placeKey(rule.at));
    if (line === undefined) return null;
    const blank = line.text.search(/[ \t]/);
    const selectorEnd = blank === -1 ? line.text.length : blank;
    const start = skipBlanks(line.text, selectorEnd);
    const end = rule.action.kind === 'command' ? line.text.length : commentStart(line.text, start);
    const selectors = toUtf8(line.text.slice(0, selectorEnd));
    return { line, selectorEnd, selectors, action: toUtf8(line.text.slice(start, end)) };
  }

  #linesOf(path: string): ReadonlyMap<string, ConfigLine> {
    const known = this.#lines.get(path);
    if (known !== undefined) return known;
    const split = [...splitLogicalLines(path, this.#files.get(path) ?? Buffer.alloc(0), new Problems())];
    const lines = new Map(
      split.flatMap(({ kind, line }) => (kind === 'text' ? [[placeKey(line.at(0)), line] as const] : [])),
    );
    this.#lines.set(path, lines);
    return lines;
  }
}

function placeKey({ line, column }: Position): string {
  return `${line}:${column}`;
}
