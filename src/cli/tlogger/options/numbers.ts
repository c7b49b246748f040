/**
 * Numbers on the command line, read as util-linux reads them.
 */
import { LoggerFailure } from '../failure.ts';

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;
const LONG_MAX = 0x7fff_ffff_ffff_ffffn;
const TOO_LARGE = 'Numerical result out of range';
const INVALID = 'Invalid argument';
const SUFFIXES = 'KMGTPEZY';
const WAIT_MAX_SEC = 1_000_000;

/** strtoul(3) into a pid_t: blanks may precede the number, and it wraps. @throws LoggerFailure */
export function parseId(text: string): number {
  const [, sign, digits = ''] = /^[ \t-\r]*([+-]?)(\d+)$/.exec(text) ?? [];
  if (digits === '') throw new LoggerFailure(`failed to parse id: '${text}'`);
  const value = BigInt(digits);
  if (value > ULONG_MAX) throw new LoggerFailure(`failed to parse id: '${text}': ${TOO_LARGE}`);
  return Number(BigInt.asIntN(32, sign === '-' ? -value : value));
}

/** strtol(3) into an int. @returns null: no number, or too large a one */
export function parseCode(text: string): number | null {
  if (!/^\d+$/.test(text)) return null;
  const value = BigInt(text);
  return value > LONG_MAX ? null : Number(BigInt.asIntN(32, value));
}

/**
 * A size: decimal, octal or hexadecimal, with `K` or `KiB` (1024), `KB` (1000) and so on, and a fraction before these.
 *
 * @returns bytes, at most Number.MAX_SAFE_INTEGER
 * @throws LoggerFailure
 */
export function parseSize(text: string): number {
  const fail = (why: string): LoggerFailure => new LoggerFailure(`failed to parse message size: '${text}': ${why}`);
  const found = /^[ \t-\r]*\+?(0[xX][\da-fA-F]+|\d+)(.*)$/s.exec(text);
  if (found === null) throw fail(INVALID);
  const [, number = '', behind = ''] = found;
  const { value, rest } = readNumber(number, behind);
  if (value > ULONG_MAX) throw fail(TOO_LARGE);
  const suffix = /^(?:\.(\d*))?([A-Za-z])(?:(iB|ib)|(B|b))?$/.exec(rest);
  if (suffix === null) {
    if (rest !== '') throw fail(INVALID);
    return bounded(value);
  }
  const [, fraction = '', letter = '', , decimal] = suffix;
  const power = SUFFIXES.indexOf(letter.toUpperCase()) + 1;
  if (power === 0) throw fail(INVALID);
  const unit = (decimal === undefined ? 1024n : 1000n) ** BigInt(power);
  if (value * unit > ULONG_MAX) throw fail(TOO_LARGE);
  return bounded(value * unit + fractionOf(fraction, unit));
}

/** A leading zero makes a number octal, which ends before an 8 or a 9. */
function readNumber(number: string, behind: string): { value: bigint; rest: string } {
  if (!/^0\d/.test(number)) return { value: BigInt(number), rest: behind };
  const [octal = '0'] = /^[0-7]+/.exec(number) ?? [];
  return { value: BigInt(`0o${octal}`), rest: number.slice(octal.length) + behind };
}

/** COMPAT(util-linux 2.38.1): each digit is rounded by itself, `.3K` is 341. */
function fractionOf(digits: string, unit: bigint): bigint {
  return Array.from(digits).reduce((sum, digit, idx) => {
    const share = digit === '0' ? 0n : 10n ** BigInt(idx + 1) / BigInt(digit);
    return share === 0n ? sum : sum + unit / share;
  }, 0n);
}

function bounded(value: bigint): number {
  return Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : value);
}

/** @returns milliseconds. @throws LoggerFailure */
export function parseWait(text: string): number {
  const seconds = /^\d{1,7}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds <= WAIT_MAX_SEC)) throw new LoggerFailure(`failed to parse wait: '${text}'`);
  return Math.round(seconds * 1000);
}
