/**
 * Turns the command line into checked settings. Every refusal names the option, what was found and what was expected;
 * nothing is started here.
 */
import { normalize, resolve } from 'node:path';
import { isOtherFamily, parseListenAddress } from '../../conf/words/addresses.ts';
import type { ListenAddress } from '../../conf/config.ts';
import { ROTATE_COUNT_MAX } from '../../conf/statement/options.ts';
import { parseCount, parseSize, SIZE_FORM } from '../../conf/words/sizes.ts';
import { controlPath, DEFAULT_PID_FILE } from '../../control/protocol.ts';
import type { RotationDefault } from '../../engine/settings/rotation-rules.ts';
import type { DaemonSettings, ReceiverKind } from '../../engine/settings/settings.ts';
import { type AllowRule, parseAllowRule } from '../../input/sender/allow-rule.ts';
import { FORWARD_MAX_BYTES, FORWARD_MIN_BYTES } from '../../protocol/limits.ts';
import { FOREIGN_HINTS, flagHint } from './foreign-options.ts';
import { OPTION_TABLE, type OptionRow } from './option-table.ts';
import { type GivenOption, type ScannedLine, scanOptions } from '../command-line/scan-options.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { spellOption } from '../command-line/usage-text.ts';

/** A checked command line. */
export interface Options extends DaemonSettings {
  readonly action: 'run' | 'check' | 'version' | 'help';
  readonly foreground: boolean;
}

const MARK_DEFAULT_MINUTES = 20;
/** One year, as OpenBSD's syslogd allows. */
const MARK_MAX_MINUTES = 525_600;
const DEFAULT_KERNEL_CACHE = '/run/tsyslogd.cache';
const DEFAULT_UMASK = 0o022;

/** By long name. */
interface Given {
  readonly counts: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** In order. */
  readonly options: readonly GivenOption<OptionRow>[];
}

function findRow(name: string): OptionRow | undefined {
  return OPTION_TABLE.find((row) => row.long === name);
}

function collect(argv: readonly string[]): Given {
  const line = scanOptions(argv, OPTION_TABLE, FOREIGN_HINTS);
  refuseStrays(line);
  const counts = new Map<string, number>();
  const values = new Map<string, string[]>();
  for (const { row, value } of line.options) {
    counts.set(row.long, (counts.get(row.long) ?? 0) + 1);
    if (value !== null) values.set(row.long, [...(values.get(row.long) ?? []), value]);
  }
  return { counts, values, options: line.options };
}

function refuseStrays({ strays, rest }: ScannedLine<OptionRow>): void {
  const stray = strays[0];
  const text = stray?.text ?? rest[0];
  if (text === undefined) return;
  const flag = stray?.behind ?? null;
  if (flag === null) throw new UsageError(`unexpected argument '${text}': expected only options`);
  const hint = flagHint(flag.row);
  throw new UsageError(
    `unexpected argument '${text}': '${flag.spelled}' takes no value${hint === null ? '' : `: ${hint}`}`,
  );
}

/** Flags of other daemons that may be among others there; here they would keep the daemon from starting. */
const ALONE: ReadonlyMap<string, string> = new Map([
  [
    '-v',
    `prints the version and must be used alone: for facility and severity in files write ';JSON' after the action`,
  ],
  ['-V', 'prints the version and must be used alone'],
  ['-h', 'prints the help and must be used alone'],
]);

function refuseCompany(options: readonly GivenOption<OptionRow>[]): void {
  const hermit = options.find((option) => ALONE.has(option.spelled));
  if (hermit === undefined || options.length === 1) return;
  throw new UsageError(`option '${hermit.spelled}' ${ALONE.get(hermit.spelled)}`);
}

function fail(long: string, found: string, expected: string): never {
  const row = findRow(long);
  const option = row === undefined ? long : spellOption(row);
  throw new UsageError(`bad value '${found}' for option '${option}': expected ${expected}`);
}

function markMinutes(text: string | undefined): number {
  if (text === undefined) return MARK_DEFAULT_MINUTES;
  const minutes = Number(text);
  if (!/^\d+$/.test(text) || minutes > MARK_MAX_MINUTES) fail('mark', text, `minutes, 0 to ${MARK_MAX_MINUTES}`);
  return minutes;
}

function rotation(text: string | undefined): RotationDefault | null {
  if (text === undefined) return null;
  const [size = '', number, ...more] = text.split(':');
  const sizeBytes = parseSize(size);
  const count = number === undefined ? null : parseCount(number, 0, ROTATE_COUNT_MAX);
  if (sizeBytes === null || more.length > 0 || (number !== undefined && count === null))
    return fail('rotate', text, `${SIZE_FORM}, and ':N' up to ${ROTATE_COUNT_MAX}`);
  return { sizeBytes, count };
}

function umask(text: string | undefined): number {
  if (text === undefined) return DEFAULT_UMASK;
  if (!/^[0-7]{1,4}$/.test(text) || Number.parseInt(text, 8) > 0o777) fail('umask', text, 'octal, 0 to 777');
  return Number.parseInt(text, 8);
}

function receiver(text: string | undefined): ReceiverKind | null {
  if (text === undefined || text === 'batch' || text === 'portable') return text ?? null;
  return fail('receiver', text, "'batch' or 'portable'");
}

function listenAddress(text: string, family: 4 | 6 | null): ListenAddress {
  const parsed = parseListenAddress(text);
  if ('what' in parsed) return fail('bind', text, parsed.expected);
  if (isOtherFamily(parsed, family))
    throw new UsageError(`option '-${family}' conflicts with '-b ${text}': expected an IPv${family} address`);
  return parsed;
}

/** FreeBSD's mode prefix to the path of a log socket. */
const SOCKET_MODE = /^[0-9]+:(?=\/)/;

/** Two sockets at one path would replace each other. */
function socketPaths(paths: readonly string[]): readonly string[] {
  const withMode = paths.find((path) => SOCKET_MODE.test(path));
  if (withMode !== undefined) fail('socket', withMode, 'a path only: the mode of log sockets is 0666');
  const full = paths.map(spellOut);
  return paths.filter((_, idx) => full.indexOf(full[idx] ?? '') === idx);
}

/** One spelling for each path, even if the working directory was removed. */
function spellOut(path: string): string {
  try {
    return resolve(path);
  } catch {
    return normalize(path);
  }
}

/** A bare word is never meant as a path: `-Cs` is two flags in FreeBSD. */
function kernelCache(path: string | undefined): string {
  if (path === undefined) return DEFAULT_KERNEL_CACHE;
  return path.includes('/') ? path : fail('kernel-cache', path, `a path with a '/', such as './${path}'`);
}

function allowRule(text: string, resolveNames: boolean): AllowRule {
  const rule = parseAllowRule(text);
  if ('what' in rule)
    return fail(
      'allow-peer',
      text,
      text.startsWith('/') ? `a sender: for another log socket write '-p PATH'` : rule.expected,
    );
  if (rule.kind === 'name' && !resolveNames)
    throw new UsageError(`option '-n' conflicts with '-a ${text}': expected addresses, or no '-n'`);
  return rule;
}

function udpSize(text: string | undefined): number | null {
  if (text === undefined) return null;
  const bytes = parseCount(text, FORWARD_MIN_BYTES, FORWARD_MAX_BYTES);
  return bytes ?? fail('udp-size', text, `bytes, ${FORWARD_MIN_BYTES} to ${FORWARD_MAX_BYTES}`);
}

function actionOf(counts: ReadonlyMap<string, number>): Options['action'] {
  if (counts.has('help')) return 'help';
  if (counts.has('version')) return 'version';
  return counts.has('check') ? 'check' : 'run';
}

/** The last one wins. */
function familyOf(options: readonly GivenOption<OptionRow>[]): 4 | 6 | null {
  const last = options.findLast(({ row }) => row.long === 'ipv4' || row.long === 'ipv6');
  return last === undefined ? null : last.row.long === 'ipv4' ? 4 : 6;
}

/** @throws UsageError */
export function parseOptions(argv: readonly string[]): Options {
  const { counts, values, options } = collect(argv);
  refuseCompany(options);
  const action = actionOf(counts);
  // The rest of the command line need not make sense.
  if (action === 'help' || action === 'version') return { ...parseOptions([]), action };
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  const secure = counts.get('secure');
  const pidFile = last('pid-file') ?? DEFAULT_PID_FILE;
  const family = familyOf(options);
  return {
    action,
    family,
    keep8bit: counts.has('eight-bit'),
    allAddresses: counts.has('all-addresses'),
    allowedPeers: (values.get('allow-peer') ?? []).map((peer) => allowRule(peer, !counts.has('no-dns'))),
    udpSizeBytes: udpSize(last('udp-size')),
    listen: (values.get('bind') ?? []).map((address) => listenAddress(address, family)),
    noRepeats: Math.min(counts.get('no-repeats') ?? 0, 2),
    debug: counts.has('debug'),
    foreground: counts.has('foreground') || counts.has('debug'),
    configFile: last('config') ?? null,
    keepHost: counts.has('keep-host'),
    kernelLog: counts.has('no-kernel') ? false : counts.has('kernel-log') ? true : null,
    kernelCache: kernelCache(last('kernel-cache')),
    // Another user could not turn the console back on at the end.
    kernelConsole: counts.has('kernel-console') || values.has('user'),
    kernelTime: counts.has('kernel-time'),
    keepKern: counts.has('keep-kern'),
    markMinutes: markMinutes(last('mark')),
    resolveNames: !counts.has('no-dns'),
    pidFile,
    sockets: socketPaths(values.get('socket') ?? []),
    secureMode: secure === undefined ? null : Math.min(secure, 2),
    receiptTime: counts.has('receipt-time'),
    receiver: receiver(last('receiver')),
    umask: umask(last('umask')),
    controlSocket: controlPath(last('control') ?? null, pidFile),
    controlPipe: last('control-pipe') ?? null,
    user: last('user') ?? null,
    group: last('group') ?? null,
    rootDirectory: last('chroot') ?? null,
    rotate: rotation(last('rotate')),
  };
}
