/**
 * Options of a rule: `;option[,option][;option]` after a blank, names in any case.
 *
 * A size alone (`10M:5`) is the old form of `rotate=`, COMPAT(sysklogd 2.7.2). Unknown options are errors, and so are
 * options that the action has no use for.
 */
import type { Action, ActionOptions, FormatName, OptionName, Position, Rotation } from '../config.ts';
import { isIfaceName } from '../words/addresses.ts';
import type { ConfigLine, Word } from '../config-line.ts';
import { splitWords, toUtf8 } from '../config-line.ts';
import { foreignTemplate } from './foreign.ts';
import { type Problems, quoteWord } from '../problems.ts';
import { MODE_FORM, parseCount, parseMode, parseSize, SIZE_FORM } from '../words/sizes.ts';
import { nearestWord, slipCount, withSuggestion } from '../words/suggest.ts';

/** Formats by their names, in lower case. */
export const FORMATS: ReadonlyMap<string, FormatName> = new Map([
  ['rfc3164', 'rfc3164'],
  ['rfc5424', 'rfc5424'],
  ['iso', 'iso'],
  ['json', 'json'],
]);
/** Options with a value, and the actions they apply to. */
export const KEYS: ReadonlyMap<string, readonly Action['kind'][]> = new Map([
  ['rotate', ['file']],
  ['mode', ['file', 'fifo']],
  ['owner', ['file', 'fifo']],
  ['group', ['file', 'fifo']],
  ['iface', ['forward']],
  ['ttl', ['forward']],
]);
/** Options, as shown in messages. */
const FORMAT_WORDS: readonly string[] = ['RFC3164', 'RFC5424', 'ISO', 'JSON'];
const OPTION_WORDS: readonly string[] = [...FORMAT_WORDS, ...[...KEYS.keys()].map((key) => `${key}=`)];
/** Words for rotation intervals. */
export const INTERVALS: readonly string[] = ['hourly', 'daily', 'weekly', 'monthly'];
const ROTATE_FORM = `\`SIZE[:COUNT]\`, \`:COUNT\`, or one of ${INTERVALS.join(', ')}`;
const TTL_MAX = 255;
/** Maximum number of old files for a rule. */
export const ROTATE_COUNT_MAX = 10_000;
/** A user or a group, by name or number. Source: useradd(8). */
const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?$/;

const NAMES: Readonly<Record<Action['kind'], string>> = {
  file: 'a file',
  fifo: 'a FIFO',
  command: 'a command',
  forward: 'forwarding',
  users: 'users',
  wall: '`*`',
};

/** {@link ActionOptions} under construction. */
interface Draft {
  readonly at: Partial<Record<OptionName, Position>>;
  format: FormatName;
  rotation: Rotation | null;
  mode: number | null;
  owner: string | null;
  group: string | null;
  iface: string | null;
  ttl: number | null;
}

function emptyDraft(): Draft {
  const none = null;
  return { at: {}, format: 'default', rotation: none, mode: none, owner: none, group: none, iface: none, ttl: none };
}

/** Options of a rule that has none: one shared object. */
export const NO_OPTIONS: ActionOptions = emptyDraft();

/**
 * Reads options: `line.text` from `start` (after the `;`) to `end`.
 *
 * @returns null with problems added
 */
export function parseOptions(
  line: ConfigLine,
  start: number,
  end: number,
  kind: Action['kind'] | null,
  problems: Problems,
): ActionOptions | null {
  const draft = emptyDraft();
  let sound = true;
  for (const word of splitWords(line.text, start, end, ',;')) {
    sound = new OptionReader(line, word, draft, kind, problems).read() && sound;
  }
  return sound ? draft : null;
}

/**
 * Whether the text after a blank and `;` is a list of options or a typo of one. For commands, where `;` is also the
 * shell's.
 */
export function looksLikeOptions(text: string): boolean {
  const words = splitWords(text, 0, text.length, ',;').map((word) => word.text);
  const names = words.map((word) => (word.includes('=') ? word.slice(0, word.indexOf('=') + 1) : word).toLowerCase());
  const known = OPTION_WORDS.map((word) => word.toLowerCase());
  if (names.every((name) => known.includes(name))) return true;
  const nearest = nearestWord(names[0] ?? '', known);
  return names.length === 1 && nearest !== null && nearest.length > 4 && slipCount(names[0] ?? '', nearest) === 1;
}

/** Reads one option into the draft. */
class OptionReader {
  readonly #line: ConfigLine;
  readonly #word: Word;
  readonly #draft: Draft;
  readonly #kind: Action['kind'] | null;
  readonly #problems: Problems;

  constructor(line: ConfigLine, word: Word, draft: Draft, kind: Action['kind'] | null, problems: Problems) {
    this.#line = line;
    this.#word = word;
    this.#draft = draft;
    this.#kind = kind;
    this.#problems = problems;
  }

  read(): boolean {
    const text = this.#word.text;
    if (text === '') return this.#refuse('empty option', `one of ${OPTION_WORDS.join(', ')}`);
    const format = FORMATS.get(text.toLowerCase());
    if (format !== undefined) return this.#setFormat(format);
    if (/^[0-9]+[A-Za-z]*(?::[0-9]+)?$/.test(text)) return this.#setRotation(text);
    const equals = text.indexOf('=');
    const key = (equals === -1 ? text : text.slice(0, equals).trimEnd()).toLowerCase();
    const kinds = KEYS.get(key);
    if (kinds === undefined) {
      const foreign = foreignTemplate(text);
      if (foreign !== null) return this.#refuse(foreign.what, foreign.expected);
      const expected = withSuggestion(`one of ${OPTION_WORDS.join(', ')}`, key, [...FORMAT_WORDS, ...KEYS.keys()]);
      return this.#refuse(`unknown option ${quoteWord(text)}`, expected);
    }
    if (equals === -1) return this.#refuse(`option \`${key}\` without a value`, `\`${key}=\` and a value`);
    if (!this.#checkKind(key, kinds)) return false;
    return this.#setKey(key, text.slice(equals + 1).trimStart());
  }

  #refuse(what: string, expected: string | null): false {
    this.#problems.add(this.#line, this.#word.off, what, expected);
    return false;
  }

  #checkKind(key: string, kinds: readonly Action['kind'][]): boolean {
    if (this.#kind === null || kinds.includes(this.#kind)) return true;
    return this.#refuse(
      `option \`${key}\` has no meaning for ${NAMES[this.#kind]}`,
      `it with ${kinds.map((kind) => NAMES[kind]).join(' or ')}`,
    );
  }

  /** Marks an option as set; it may be set only once. */
  #once(name: OptionName): boolean {
    if (this.#draft.at[name] !== undefined) {
      return this.#refuse(`${quoteWord(this.#word.text)} after another ${name}`, `one ${name} in a rule`);
    }
    this.#draft.at[name] = this.#line.at(this.#word.off);
    return true;
  }

  #setFormat(format: FormatName): boolean {
    if (this.#kind === 'forward' && (format === 'iso' || format === 'json')) {
      return this.#refuse(`${quoteWord(this.#word.text)} is not a forwarding format`, 'RFC3164 or RFC5424');
    }
    if (!this.#once('format')) return false;
    this.#draft.format = format;
    return true;
  }

  #setKey(key: string, value: string): boolean {
    const draft = this.#draft;
    switch (key) {
      case 'rotate':
        return this.#setRotation(value);
      case 'mode':
        draft.mode = parseMode(value);
        return draft.mode === null ? this.#badValue(key, value, MODE_FORM) : this.#once(key);
      case 'owner':
      case 'group':
        if (!ACCOUNT.test(value))
          return this.#badValue(key, value, `the name or number of ${key === 'owner' ? 'a user' : 'a group'}`);
        draft[key] = value;
        return this.#once(key);
      case 'iface':
        if (!isIfaceName(value)) return this.#badValue(key, value, 'the name of a network interface');
        draft.iface = toUtf8(value);
        return this.#once(key);
      default:
        draft.ttl = parseCount(value, 1, TTL_MAX);
        return draft.ttl === null ? this.#badValue(key, value, `a number from 1 to ${TTL_MAX}`) : this.#once('ttl');
    }
  }

  #badValue(key: string, value: string, expected: string): false {
    return this.#refuse(`bad value ${quoteWord(value)} for \`${key}\``, expected);
  }

  /** Several `rotate=` of one rule add up, as long as each sets a different part. */
  #setRotation(value: string): boolean {
    if (!this.#checkKind('rotate', KEYS.get('rotate') ?? [])) return false;
    const parts = /^([^:]*)(?::([^:]*))?$/.exec(value);
    const head = (parts?.[1] ?? '').toLowerCase();
    const interval = INTERVALS.includes(head) ? head : null;
    const sizeBytes = head === '' || interval !== null ? null : parseSize(parts?.[1] ?? '');
    const count = parts?.[2] === undefined ? null : parseCount(parts[2], 0, ROTATE_COUNT_MAX);
    const headBad = head !== '' && interval === null && sizeBytes === null;
    const countBad = parts?.[2] === undefined ? head === '' : count === null;
    if (parts === null || headBad || countBad) {
      const form = /^[0-9]/.test(value) ? `${SIZE_FORM}, and \`:COUNT\`` : withSuggestion(ROTATE_FORM, head, INTERVALS);
      return this.#badValue('rotate', value, form);
    }
    const old = this.#draft.rotation ?? { sizeBytes: null, interval: null, count: null };
    if (twice(old.sizeBytes, sizeBytes) || twice(old.interval, interval) || twice(old.count, count)) {
      return this.#refuse(`${quoteWord(this.#word.text)} after another rotate`, 'size, interval and count once each');
    }
    this.#draft.rotation = {
      sizeBytes: sizeBytes ?? old.sizeBytes,
      interval: interval ?? old.interval,
      count: count ?? old.count,
    };
    this.#draft.at.rotate ??= this.#line.at(this.#word.off);
    return true;
  }
}

function twice(old: number | string | null, value: number | string | null): boolean {
  return old !== null && value !== null;
}
