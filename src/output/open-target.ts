/**
 * Opens what a path names so that lines can be appended to it: a regular file, a terminal, another device.
 *
 * Never waits (O_NONBLOCK), never becomes the controlling terminal (O_NOCTTY), never follows a symbolic link
 * in a world-writable directory, and completes a last line that a crash left without its newline.
 * Source: open(2), termios(3).
 */
import { constants, fstat, fstatSync, readlinkSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { errorCode, isForbidden } from '../sys/error-text.ts';
import { inRoot } from '../sys/root-directory.ts';

export type TargetKind = 'regular' | 'terminal' | 'device';

/** An open descriptor and what it leads to. */
export interface OpenTarget {
  readonly fd: number;
  readonly kind: TargetKind;
  readonly dev: number;
  readonly ino: number;
  /** When it was opened, before anything was appended to it. */
  readonly sizeBytes: number;
  /** Time of the last change when it was opened, epoch milliseconds. */
  readonly changedMs: number;
  /** Where it was then, as the kernel knows it; null where that cannot be told. */
  readonly where: string | null;
  /** It was missing, and made by this opening. */
  readonly made: boolean;
  /** Never fails: there is nothing to be done about a descriptor that does not close. */
  close(): Promise<void>;
}

/** Why a path cannot be written to, besides what the system itself says. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

const fstatAsync = promisify(fstat);
const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
/** Reasons, as they are told. */
export const NOT_A_TARGET = 'not a file or a device: found a FIFO, a directory or a socket';
export const LINK_NOT_FOLLOWED = 'a symbolic link in a world-writable directory is not followed';
const OTHERS_MAY_WRITE = 0o002;
const LF = 0x0a;
/** Looks at an end that changes all the time. */
const LOOKS_MAX = 20;

/** Opens for reading too where that is allowed, so that a torn end can be seen and taken back. */
async function openExisting(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, O_RDWR | flags);
  } catch (error) {
    if (errorCode(error) !== 'EACCES') throw error;
    return await open(path, O_WRONLY | flags);
  }
}

/** A missing device is no reason to make a file in its place. */
export function mayCreate(path: string): boolean {
  return !path.startsWith('/dev/') || path.startsWith('/dev/shm/');
}

/** Called with a file that was made just now, before it is used. */
export type MadeFile = (handle: FileHandle) => Promise<void>;

/** What else there is to know about a file that is opened. */
export interface OpenCare {
  readonly made: MadeFile;
  /** Whether this process has the file open already: then its end may be one that is just being written. */
  isHeld(dev: number, ino: number): boolean;
}

interface Opened {
  readonly handle: FileHandle;
  readonly made: boolean;
}

async function openOrCreate(path: string, flags: number, mode: number, made: MadeFile | null): Promise<Opened> {
  for (;;) {
    try {
      return { handle: await openExisting(path, flags), made: false };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || !mayCreate(path)) throw error;
    }
    try {
      const handle = await open(path, O_RDWR | O_CREAT | O_EXCL | flags, mode);
      await made?.(handle);
      // The mode of the rule is meant exactly, whatever the umask.
      await handle.chmod(mode);
      return { handle, made: true };
    } catch (error) {
      // A dangling symbolic link exists and does not: let the system make its target.
      if (errorCode(error) === 'EEXIST' && (flags & O_NOFOLLOW) === 0) {
        return { handle: await open(path, O_RDWR | O_CREAT | flags, mode), made: true };
      }
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** @returns O_NOFOLLOW where everybody may put a link in the place of `path`, else 0 */
export async function nofollowFlag(path: string): Promise<number> {
  return mayBeReplaced(await stat(dirname(path))) ? O_NOFOLLOW : 0;
}

/** May everybody put something in the place of what is in this directory, or beside it? */
export function mayBeReplaced(directory: Stats): boolean {
  return (directory.mode & OTHERS_MAY_WRITE) !== 0;
}

function kindOf(handle: FileHandle, isFile: boolean, isCharacterDevice: boolean): TargetKind {
  if (isFile) return 'regular';
  if (isCharacterDevice) return isatty(handle.fd) ? 'terminal' : 'device';
  throw new TargetError(NOT_A_TARGET);
}

/** Ends a line that a crash cut short. Source of the end: a descriptor of its own, since ours may be write-only. */
async function completeLastLine(path: string, handle: FileHandle): Promise<void> {
  const last = Buffer.alloc(1);
  const reader = await open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY).catch(() => null);
  if (reader === null) return;
  try {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const { size } = await reader.stat();
      if (size === 0) return;
      await reader.read(last, 0, 1, size - 1);
      if (last[0] === LF) return;
      // The end may also be one of a write that another process is about to finish.
      if ((await reader.stat()).size !== size) continue;
      await handle.write('\n');
      return;
    }
  } finally {
    await reader.close();
  }
}

/** Descriptors that the daemon already has; opening their names anew fails for pipes and sockets. */
const OWN_DESCRIPTORS: ReadonlyMap<string, number> = new Map([
  ['/dev/stdout', 1],
  ['/dev/stderr', 2],
]);

/** Is it a name of a descriptor that the daemon has, not of a file? */
export function isOwnDescriptor(path: string): boolean {
  return OWN_DESCRIPTORS.has(path);
}

function ownDescriptor(fd: number): OpenTarget {
  const { dev, ino, size, mtimeMs } = fstatSync(fd);
  const kind = isatty(fd) ? 'terminal' : 'device';
  return {
    fd,
    kind,
    dev,
    ino,
    sizeBytes: size,
    changedMs: mtimeMs,
    where: null,
    made: false,
    close: () => Promise.resolve(),
  };
}

/** @throws TargetError for something that takes no lines; the handle stays open. */
export function asTarget(handle: FileHandle, stats: Stats): OpenTarget {
  return {
    fd: handle.fd,
    kind: kindOf(handle, stats.isFile(), stats.isCharacterDevice()),
    dev: stats.dev,
    ino: stats.ino,
    sizeBytes: stats.size,
    changedMs: stats.mtimeMs,
    where: whereIs(handle.fd),
    made: false,
    close: () => handle.close().catch(() => undefined),
  };
}

/**
 * @param whole the path, of the whole system
 * @param mode permission bits of a file that has to be made
 * @throws the system's error, or TargetError for something that takes no lines
 */
export async function openTarget(whole: string, mode: number, care: OpenCare | null = null): Promise<OpenTarget> {
  const own = OWN_DESCRIPTORS.get(whole);
  if (own !== undefined) return ownDescriptor(own);
  const path = inRoot(whole);
  const nofollow = await nofollowFlag(path);
  const flags = O_APPEND | O_NONBLOCK | O_NOCTTY | nofollow;
  const { handle, made } = await openOrCreate(path, flags, mode, care?.made ?? null).catch((error: unknown) => {
    if (errorCode(error) !== 'ELOOP' || nofollow === 0) throw error;
    throw new TargetError(LINK_NOT_FOLLOWED);
  });
  try {
    const stats = await handle.stat();
    const target = asTarget(handle, stats);
    const held = care?.isHeld(stats.dev, stats.ino) === true;
    if (target.kind === 'regular' && stats.size > 0 && !held) await completeLastLine(path, handle);
    return { ...target, made };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** @returns whether `path` still names what `target` is; where that cannot be seen, whether `target` has not moved */
export async function isStillAt(path: string, target: OpenTarget): Promise<boolean> {
  try {
    const { dev, ino } = await stat(inRoot(path));
    return dev === target.dev && ino === target.ino;
  } catch (error) {
    return isForbidden(error) && (await isUnmoved(target));
  }
}

/** Sees, through the descriptor alone, that a file was removed or renamed. */
async function isUnmoved({ fd, kind, where }: OpenTarget): Promise<boolean> {
  if (kind !== 'regular') return true;
  if ((await fstatAsync(fd)).nlink === 0) return false;
  const now = where === null ? null : whereIs(fd);
  return now === null || now === where || now === fromRoot(where);
}

/** The name under which a file was opened, or has now. Source: proc(5), readlink of /proc/self/fd. */
function whereIs(fd: number): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

/** What was opened before the root directory changed has another name after it. */
function fromRoot(where: string | null): string | null {
  try {
    return where === null ? null : inRoot(where);
  } catch {
    return where;
  }
}
