/**
 * Who is logged in on which terminal: from utmp(5) and from the files of systemd-logind(8), since newer systems have no
 * utmp. Without either, nobody is logged in.
 *
 * Terminal names come from outside: only a name below /dev is accepted.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../../sys/call/root-directory.ts';
import { parseUtmp } from '../../sys/machine/utmp.ts';

/** Where to look. */
export interface SessionSources {
  readonly utmp: string;
  /** One file per session, with `NAME=value` lines. */
  readonly logind: string;
}

export const SESSION_SOURCES: SessionSources = { utmp: '/var/run/utmp', logind: '/run/systemd/sessions' };

export interface Session {
  readonly user: string;
  /** Path of the terminal. */
  readonly terminal: string;
}

/** Names below /dev: `tty1`, `pts/3`; no component begins with a dot. */
const LINE = /^[A-Za-z0-9_:+-][A-Za-z0-9_.:+-]*(?:\/[A-Za-z0-9_:+-][A-Za-z0-9_.:+-]*)*$/;
/** Longest `ut_line`, and far more than logind writes. */
const LINE_MAX = 64;

/** @returns each session once; never fails */
export function readSessions(sources: SessionSources = SESSION_SOURCES): readonly Session[] {
  const sessions = new Map<string, Session>();
  for (const { user, line } of [...readUtmp(sources.utmp), ...readLogind(sources.logind)]) {
    const terminal = terminalPath(line);
    if (terminal !== null) sessions.set(`${user} ${terminal}`, { user, terminal });
  }
  return [...sessions.values()];
}

/** @returns the path, or null for a name that leads out of /dev or is not a terminal's */
export function terminalPath(line: string): string | null {
  const name = line.startsWith('/dev/') ? line.slice('/dev/'.length) : line;
  return name.length <= LINE_MAX && LINE.test(name) ? `/dev/${name}` : null;
}

interface Found {
  readonly user: string;
  readonly line: string;
}

function readUtmp(path: string): readonly Found[] {
  try {
    return parseUtmp(readFileSync(inRoot(path)));
  } catch {
    return [];
  }
}

function readLogind(folder: string): readonly Found[] {
  try {
    const files = readdirSync(inRoot(folder), { withFileTypes: true }).filter((entry) => entry.isFile());
    return files.flatMap((entry) => parseLogind(tryRead(join(folder, entry.name))));
  } catch {
    return [];
  }
}

/** A session may end while its file is read. */
function tryRead(path: string): string {
  try {
    return readFileSync(inRoot(path), 'utf8');
  } catch {
    return '';
  }
}

/** @returns the session of a user on a terminal, if the file describes one that is not about to end */
export function parseLogind(text: string): readonly Found[] {
  const values = new Map(
    text.split('\n').map((line): [string, string] => {
      const equals = line.indexOf('=');
      return [line.slice(0, Math.max(0, equals)), line.slice(equals + 1)];
    }),
  );
  const user = values.get('USER') ?? '';
  const line = values.get('TTY') ?? '';
  const ofUser = (values.get('CLASS') ?? 'user').startsWith('user');
  return user === '' || line === '' || !ofUser || values.get('STATE') === 'closing' ? [] : [{ user, line }];
}
