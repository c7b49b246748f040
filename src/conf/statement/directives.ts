/**
 * Directives: `key value`, `key=value`, `key = value`, one per line, in any file.
 *
 * Keys are written as in the table below, in lower case. `listen` and `notify` accumulate; for the others the last line
 * wins. `include` is only a directive in form; `parse` reads the files.
 */
import { dirname, resolve } from 'node:path';
import {
  FORWARD_MAX_BYTES,
  FORWARD_MIN_BYTES,
  MEMORY_MAX_BYTES,
  MEMORY_MIN_BYTES,
  MESSAGE_MAX_BYTES,
  MESSAGE_MIN_BYTES,
} from '../../protocol/limits.ts';
import { parseListenAddress } from '../words/addresses.ts';
import type { DirectiveName, Directives, ListenAddress, Position } from '../config.ts';
import type { ConfigLine, Word } from '../config-line.ts';
import { commentStart, toUtf8 } from '../config-line.ts';
import { ROTATE_COUNT_MAX } from './options.ts';
import { type Problems, quoteWord } from '../problems.ts';
import { MODE_FORM, parseCount, parseMode, parseSize, SIZE_FORM } from '../words/sizes.ts';
import { nearestWord } from '../words/suggest.ts';

const SECURE_MODE_MAX = 2;
/** Names of all directives. */
export const KEYS: readonly string[] = [
  'include',
  'listen',
  'secure_mode',
  'udp_size',
  'rotate_size',
  'rotate_count',
  'notify',
  'max_message',
  'file_mode',
  'memory',
];

/** {@link Directives} under construction. */
export interface DirectiveDraft {
  readonly at: Partial<Record<DirectiveName, Position>>;
  readonly listen: ListenAddress[];
  readonly notify: string[];
  secureMode: number | null;
  udpSizeBytes: number | null;
  rotateSizeBytes: number | null;
  rotateCount: number | null;
  maxMessageBytes: number | null;
  fileMode: number | null;
  memoryBytes: number | null;
}

export function noDirectives(): DirectiveDraft & Directives {
  return {
    at: {},
    listen: [],
    notify: [],
    secureMode: null,
    udpSizeBytes: null,
    rotateSizeBytes: null,
    rotateCount: null,
    maxMessageBytes: null,
    fileMode: null,
    memoryBytes: null,
  };
}

interface BoundedSize {
  readonly name: DirectiveName;
  readonly min: number;
  readonly max: number;
  /** The bounds, as shown in messages. */
  readonly range: string;
  readonly set: (draft: DirectiveDraft, bytes: number) => void;
}

const BOUNDED_SIZES: readonly BoundedSize[] = [
  {
    name: 'max_message',
    min: MESSAGE_MIN_BYTES,
    max: MESSAGE_MAX_BYTES,
    range: `${MESSAGE_MIN_BYTES} to ${MESSAGE_MAX_BYTES} bytes`,
    set(draft, bytes) {
      draft.maxMessageBytes = bytes;
    },
  },
  {
    name: 'udp_size',
    min: FORWARD_MIN_BYTES,
    max: FORWARD_MAX_BYTES,
    range: `${FORWARD_MIN_BYTES} to ${FORWARD_MAX_BYTES} bytes`,
    set(draft, bytes) {
      draft.udpSizeBytes = bytes;
    },
  },
  {
    name: 'memory',
    min: MEMORY_MIN_BYTES,
    max: MEMORY_MAX_BYTES,
    range: `${MEMORY_MIN_BYTES / 1024 ** 2}M to ${MEMORY_MAX_BYTES / 1024 ** 3}G`,
    set(draft, bytes) {
      draft.memoryBytes = bytes;
    },
  },
];

/** A line that has the form `key value`; the key may be unknown. */
export interface DirectiveLine {
  readonly key: string;
  readonly value: Word;
}

/**
 * Tells by the first word whether the line is a directive: a known key, or a typo of one where no selector can be.
 *
 * @returns null: not a directive; `unknown`: one in error, problems added
 */
export function readDirective(line: ConfigLine, problems: Problems): DirectiveLine | 'unknown' | null {
  const parts = /^([$A-Za-z_][A-Za-z0-9_-]*)[ \t]*(=?)[ \t]*/.exec(line.text);
  const key = parts?.[1] ?? '';
  const behind = line.text.charAt(key.length);
  if (parts === null || !['', '=', ' ', '\t'].includes(behind)) return null;
  const off = parts[0].length;
  if (KEYS.includes(key)) return { key, value: { text: line.text.slice(off, commentStart(line.text, off)), off } };
  const nearest = nearestWord(key, KEYS);
  if (nearest === null && parts[2] !== '=' && !key.startsWith('$')) return null;
  const expected = nearest === null ? `one of ${KEYS.join(', ')}` : `a directive: did you mean \`${nearest}\`?`;
  problems.add(line, 0, `unknown directive ${quoteWord(key)}`, expected);
  return 'unknown';
}

/** Applies the line, for every key but `include`. */
export function applyDirective(
  line: ConfigLine,
  directive: DirectiveLine,
  draft: DirectiveDraft,
  problems: Problems,
): void {
  const { key, value } = directive;
  const expected = value.text === '' ? null : setDirective(line, key, value.text, draft);
  if (value.text === '') {
    problems.add(line, value.off, `\`${key}\` without a value`, `a value after \`${key}\``);
  } else if (expected !== null) {
    problems.add(line, value.off, `bad value ${quoteWord(value.text)} for \`${key}\``, expected);
  }
}

/** @returns what was expected; null: it is set */
function setDirective(line: ConfigLine, key: string, value: string, draft: DirectiveDraft): string | null {
  switch (key) {
    case 'listen':
      return setListen(line, value, draft);
    case 'notify':
      if (!/^\.{0,2}\//.test(value)) return 'the path of a program';
      draft.notify.push(resolve(dirname(line.file), toUtf8(value)));
      return mark(line, key, draft);
    case 'secure_mode':
      draft.secureMode = parseCount(value, 0, SECURE_MODE_MAX) ?? draft.secureMode;
      return parseCount(value, 0, SECURE_MODE_MAX) === null ? '0, 1 or 2' : mark(line, key, draft);
    case 'rotate_count':
      draft.rotateCount = parseCount(value, 0, ROTATE_COUNT_MAX) ?? draft.rotateCount;
      return parseCount(value, 0, ROTATE_COUNT_MAX) === null
        ? `a number up to ${ROTATE_COUNT_MAX}`
        : mark(line, key, draft);
    case 'file_mode':
      draft.fileMode = parseMode(value) ?? draft.fileMode;
      return parseMode(value) === null ? MODE_FORM : mark(line, key, draft);
    case 'rotate_size':
      draft.rotateSizeBytes = parseSize(value) ?? draft.rotateSizeBytes;
      return parseSize(value) === null ? SIZE_FORM : mark(line, key, draft);
    default:
      return setSize(line, key, value, draft);
  }
}

function mark(line: ConfigLine, key: DirectiveName, draft: DirectiveDraft): null {
  draft.at[key] = line.at(0);
  return null;
}

function setListen(line: ConfigLine, value: string, draft: DirectiveDraft): string | null {
  const address = parseListenAddress(value);
  if ('expected' in address) return address.expected;
  draft.listen.push(address);
  return mark(line, 'listen', draft);
}

function setSize(line: ConfigLine, key: string, value: string, draft: DirectiveDraft): string | null {
  const bounded = BOUNDED_SIZES.find(({ name }) => name === key);
  if (bounded === undefined) return `one of ${KEYS.join(', ')}`;
  const { name, min, max, range, set } = bounded;
  const size = parseSize(value);
  if (size === null || size < min || size > max) return `a size from ${range}`;
  set(draft, size);
  return mark(line, name, draft);
}

/** @returns the pattern of `include`; relative ones start at the folder of the file */
export function includePattern(line: ConfigLine, value: Word): string {
  return resolve(dirname(line.file), toUtf8(value.text).replace(/\/+$/, ''));
}
