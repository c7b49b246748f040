/**
 * What the daemons of the comparison are configured to do, as selectors that all of them understand, and as the answer
 * to "which files does a message go to". No rule syncs its file: all daemons are compared without fdatasync.
 */
import { type Kind, KINDS, kindsOf, type Spread } from '../load/payload.ts';

export interface Rule {
  /** Selector of syslog.conf(5). */
  readonly selector: string;
  readonly file: string;
  readonly takes: (kind: Kind) => boolean;
}

/** Blocks for programs or hosts that do not exist, each with one rule for a user who is not logged in. */
export interface IdleBlocks {
  readonly of: 'program' | 'host';
  readonly count: number;
}

/** Rules, and the rest of the configuration; `kinds` are those of the load. */
export interface Layout {
  readonly rules: readonly Rule[];
  readonly kinds: readonly Kind[];
  /** Before the rules. */
  readonly idle: IdleBlocks | null;
  /** A block for each program in place of the rules' selectors, which are all the same. */
  readonly spread: Spread | null;
}

const FACILITY = { kern: 0, user: 1, mail: 2, daemon: 3, auth: 4, lpr: 6, news: 7, cron: 9, authpriv: 10 } as const;
const SEVERITY = { err: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const;

function only(name: 'kern' | 'user' | 'daemon' | 'lpr' | 'mail'): Rule {
  return { selector: `${name}.*`, file: `${name}.log`, takes: ({ facility }) => facility === FACILITY[name] };
}

function mailUpTo(name: 'info' | 'warn' | 'err', severity: number): Rule {
  const takes = (kind: Kind): boolean => kind.facility === FACILITY.mail && kind.severity <= severity;
  return { selector: `mail.${name}`, file: `mail.${name}`, takes };
}

function isAuth({ facility }: Kind): boolean {
  return facility === FACILITY.auth || facility === FACILITY.authpriv;
}

function isAnyOf(facility: number, names: readonly (keyof typeof FACILITY)[]): boolean {
  return names.some((name) => FACILITY[name] === facility);
}

const ALL: Rule = { selector: '*.*;syslog.none', file: 'all.log', takes: () => true };

/** Everything to one file; what a daemon says about itself stays out, so that the end of the run is clear. */
export const ONE_FILE: Layout = { rules: [ALL], kinds: KINDS, idle: null, spread: null };

/** The twelve file rules that Debian 11 had in /etc/rsyslog.conf. The first two take every message once. */
const DEBIAN_RULES: readonly Rule[] = [
  { selector: 'auth,authpriv.*', file: 'auth.log', takes: isAuth },
  { selector: '*.*;auth,authpriv.none', file: 'syslog', takes: (kind) => !isAuth(kind) },
  only('daemon'),
  only('kern'),
  only('lpr'),
  only('mail'),
  only('user'),
  mailUpTo('info', SEVERITY.info),
  mailUpTo('warn', SEVERITY.warning),
  mailUpTo('err', SEVERITY.err),
  {
    selector: '*.=debug;auth,authpriv.none;news.none;mail.none',
    file: 'debug',
    takes: (kind) => kind.severity === SEVERITY.debug && !isAuth(kind) && !isAnyOf(kind.facility, ['news', 'mail']),
  },
  {
    selector: '*.=info;*.=notice;*.=warn;auth,authpriv.none;cron,daemon.none;mail,news.none',
    file: 'messages',
    takes: (kind) =>
      kind.severity >= SEVERITY.warning &&
      kind.severity <= SEVERITY.info &&
      !isAuth(kind) &&
      !isAnyOf(kind.facility, ['cron', 'daemon', 'mail', 'news']),
  },
];

export const DEBIAN: Layout = { ...ONE_FILE, rules: DEBIAN_RULES };

/** Blocks that match nothing, then everything to one file. */
export function behindBlocks(of: IdleBlocks['of'], count: number): Layout {
  return { ...ONE_FILE, idle: { of, count } };
}

/** 500 programs, each with the file of its group. */
export function intoFiles(files: number): Layout {
  const spread: Spread = { programs: 500, groups: files };
  const rules = Array.from({ length: files }, (_, group): Rule => {
    const prefix = `g${group}-`;
    return { selector: '*.*', file: `g${group}.log`, takes: ({ program }) => program.startsWith(prefix) };
  });
  return { rules, kinds: kindsOf(spread), idle: null, spread };
}
