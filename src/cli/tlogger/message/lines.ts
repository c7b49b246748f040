/**
 * Messages out of lines: a line a message, a long one several, each with its own priority if that is wanted.
 */
import { PRI_MAX } from '../../../protocol/priority.ts';
import { type ByteInput, END } from './byte-input.ts';

export interface LineSettings {
  /** Longest text of a message, bytes. */
  readonly maxBytes: number;
  readonly skipEmpty: boolean;
  /** Lines may begin with `<PRI>`. */
  readonly prioPrefix: boolean;
  /** PRI of lines that never had one. */
  readonly priority: number;
}

export interface LineMessage {
  readonly priority: number;
  readonly text: string;
}

const LF = 0x0a;
const LESS = 0x3c;
const GREATER = 0x3e;
const LEVEL_MASK = 7;
/** A longer one, which only leading zeros can make, is text. */
const PREFIX_MAX_BYTES = 1024;

/** @returns the messages, each as soon as its line is complete */
export function* messagesIn(input: ByteInput, settings: LineSettings): Generator<LineMessage> {
  const { maxBytes, skipEmpty, prioPrefix } = settings;
  // COMPAT(util-linux 2.38.1): a line without a prefix has the priority of the line before it.
  let { priority } = settings;
  while (input.peek() !== END) {
    let text = '';
    if (prioPrefix && input.peek() === LESS) {
      const prefix = readPrefix(input);
      priority = prefix.priority === null ? settings.priority : withFacility(prefix.priority, settings.priority);
      text = prefix.text;
    }
    text += input.line(maxBytes - text.length);
    if (text !== '' || !skipEmpty) yield { priority, text: upToNul(text) };
    // DEVIATION(util-linux 2.38.1): there a size of 0 never comes to the end of the first line.
    if (maxBytes === 0) input.line(Number.POSITIVE_INFINITY);
    if (input.peek() === LF) input.skip();
  }
}

/** COMPAT(util-linux): a text is a string of C. */
function upToNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul === -1 ? text : text.slice(0, nul);
}

/** A prefix without a facility has that of `-p`. */
function withFacility(found: number, given: number): number {
  return found > LEVEL_MASK ? found : (given & ~LEVEL_MASK) | found;
}

/** What begins with `<`: a priority, or text. */
interface Prefix {
  /** Null: it was none, and is the beginning of the text. */
  readonly priority: number | null;
  readonly text: string;
}

function readPrefix(input: ByteInput): Prefix {
  let text = '<';
  let value = 0;
  input.skip();
  while (isDigit(input.peek()) && value <= PRI_MAX && text.length < PREFIX_MAX_BYTES) {
    text += String.fromCharCode(input.peek());
    value = value * 10 + Number(text.at(-1));
    input.skip();
  }
  const byte = input.peek();
  if (byte === GREATER && value <= PRI_MAX) {
    input.skip();
    return { priority: value, text: '' };
  }
  if (byte === END || byte === LF) return { priority: null, text };
  input.skip();
  return { priority: null, text: text + String.fromCharCode(byte) };
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
