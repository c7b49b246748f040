/**
 * Formats as printf(3) does what programs write into syslog: `%s %d %i %u %x %X %o %c %j %%` and `%m`, with flags,
 * width and precision. Source: syslog(3), printf(3).
 *
 * Arguments are values of JavaScript: `%s` takes any, `%j` is JSON. A length modifier means nothing, since numbers have
 * no size: negative ones are shown by `%u %x %o` as the 32-bit, else the 64-bit number with the same bits. What is no
 * directive, or lacks its argument, stays as it is; arguments that are left over are ignored. Never throws.
 */
import { getSystemErrorMap } from 'node:util';
import { CH } from '../protocol/char-class.ts';
import { native, nativeAvailable } from '../sys/call/native.ts';
import { errnoOf } from '../sys/call/error-text.ts';
import { toText } from './message/structured.ts';

const DIRECTIVE =
  /%(?<flags>[-+ #0]*)(?<width>\d+|\*)?(?:\.(?<precision>\d+|\*)?)?(?:hh|ll|[hlqLzt])?(?<kind>[sdiuxXocjm%])/g;
const LOWER_S = 0x73;
const LOWER_D = 0x64;
const WIDTH_MAX = 65_536;

interface Spec {
  readonly flags: string;
  readonly width: number;
  /** -1: none. */
  readonly precision: number;
}

/** @param error the one that `%m` describes; null: the last argument that is an Error */
export function formatMessage(format: string, args: readonly unknown[], error: Error | null): string {
  return formatPlainly(format, args) ?? formatFully(format, args, error);
}

/** HOT PATH. @returns null where there is more than plain `%s` of strings, `%d` of whole numbers and `%%` */
function formatPlainly(format: string, args: readonly unknown[]): string | null {
  let text = '';
  let next = 0;
  let from = 0;
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', from)) {
    const kind = format.charCodeAt(at + 1);
    text += format.slice(from, at);
    if (kind === CH.percent) text += '%';
    else {
      const value = args[next++];
      if (kind === LOWER_S && typeof value === 'string') text += value;
      else if (kind === LOWER_D && Number.isSafeInteger(value)) text += String(value);
      else return null;
    }
    from = at + 2;
  }
  return text + format.slice(from);
}

function formatFully(format: string, args: readonly unknown[], error: Error | null): string {
  const rest = [...args];
  const take = (): unknown => rest.shift();
  return format.replace(DIRECTIVE, (whole: string, ...found: readonly unknown[]) => {
    const groups = groupsOf(found);
    const kind = groups['kind'] ?? '';
    if (kind === '%') return '%';
    const stars = [groups['width'], groups['precision']].filter((part) => part === '*').length;
    if (rest.length < stars + (kind === 'm' ? 0 : 1)) return whole;
    const spec = readSpec(whole, groups, () => Number(take()));
    return kind === 'm'
      ? pad(limit(errorPhrase(error ?? lastError(args)), spec), spec)
      : formatValue(kind, take(), spec);
  });
}

/** What replace() passes last are the named groups. */
function groupsOf(found: readonly unknown[]): Readonly<Record<string, string | undefined>> {
  const last = found.at(-1);
  const groups: Record<string, string | undefined> = {};
  if (typeof last !== 'object' || last === null) return groups;
  for (const [name, value] of Object.entries(last)) if (typeof value === 'string') groups[name] = value;
  return groups;
}

function readSpec(whole: string, groups: Readonly<Record<string, string | undefined>>, next: () => number): Spec {
  const numberOf = (text: string | undefined): number => toSize(text === '*' ? next() : Number(text ?? 0));
  const width = numberOf(groups['width']);
  const precision = whole.includes('.') ? numberOf(groups['precision']) : -1;
  // A negative width from an argument is the flag `-`. printf(3)
  return { flags: `${groups['flags'] ?? ''}${width < 0 ? '-' : ''}`, width: Math.abs(width), precision };
}

function toSize(value: number): number {
  return Number.isFinite(value) ? Math.trunc(Math.max(-WIDTH_MAX, Math.min(WIDTH_MAX, value))) : 0;
}

function formatValue(kind: string, value: unknown, spec: Spec): string {
  switch (kind) {
    case 's':
      return pad(limit(value instanceof Error ? value.message : toText(value), spec), spec);
    case 'j':
      return pad(toJson(value), spec);
    case 'c':
      return pad(toChar(value), spec);
    default:
      return formatNumber(kind, value, spec);
  }
}

function limit(text: string, { precision }: Spec): string {
  return precision < 0 ? text : text.slice(0, precision);
}

function pad(text: string, { flags, width }: Spec): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    // A cycle, or a number without end.
    return toText(value);
  }
}

function toChar(value: unknown): string {
  if (typeof value !== 'number') return String.fromCodePoint(toText(value).codePointAt(0) ?? 0);
  return value >= 0 && value <= 0x10_ffff ? String.fromCodePoint(Math.trunc(value)) : '\ufffd';
}

/** @returns null where there is no whole number in it */
function toInteger(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  const number = typeof value === 'symbol' ? Number.NaN : Number(typeof value === 'object' ? toText(value) : value);
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : null;
}

function formatNumber(kind: string, value: unknown, spec: Spec): string {
  const integer = toInteger(value);
  // NaN and the infinities.
  if (integer === null) return pad(toText(typeof value === 'symbol' ? value : Number(toText(value))), spec);
  const isSigned = kind === 'd' || kind === 'i';
  const sign = isSigned ? signOf(integer, spec.flags) : '';
  let text = isSigned ? String(integer < 0n ? -integer : integer) : unsignedText(kind, integer);
  if (spec.precision === 0 && integer === 0n) text = '';
  text = text.padStart(spec.precision, '0');
  const prefix = sign + alternatePrefix(kind, integer, text, spec.flags);
  const zeros = spec.flags.includes('0') && !spec.flags.includes('-') && spec.precision < 0;
  return pad(prefix + (zeros ? text.padStart(spec.width - prefix.length, '0') : text), spec);
}

function signOf(value: bigint, flags: string): string {
  if (value < 0n) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function unsignedText(kind: string, value: bigint): string {
  const unsigned = value >= 0n ? value : BigInt.asUintN(value >= -0x8000_0000n ? 32 : 64, value);
  const text = unsigned.toString(kind === 'o' ? 8 : kind === 'u' ? 10 : 16);
  return kind === 'X' ? text.toUpperCase() : text;
}

function alternatePrefix(kind: string, value: bigint, text: string, flags: string): string {
  if (!flags.includes('#')) return '';
  if (kind === 'o') return text.startsWith('0') ? '' : '0';
  return value !== 0n && (kind === 'x' || kind === 'X') ? `0${kind}` : '';
}

function lastError(args: readonly unknown[]): Error | null {
  for (const value of args.toReversed()) if (value instanceof Error) return value;
  return null;
}

/** As strerror(3) has it; the message of an error without a number; without any error that of number 0. */
function errorPhrase(error: Error | null): string {
  const errno = errnoOf(error);
  if (error !== null && errno === 0) return error.message;
  if (nativeAvailable().ok) return native().libc.strerror(-errno);
  return errno === 0 ? 'Success' : (getSystemErrorMap().get(errno)?.[1] ?? `Unknown error ${-errno}`);
}
