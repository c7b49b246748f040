/**
 * Opens what a path names so that lines can be appended to it: a regular file, a terminal, another device.
 *
 * Never waits (O_NONBLOCK), never acquires a controlling terminal (O_NOCTTY), never follows a link that somebody else
 * may have made (sys/file/spot.ts), and completes a last line that a crash left without its newline. Source: open(2),
 * termios(3).
 */
import { constants, fstat, fstatSync, readlinkSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { errorCode, isForbidden } from '../../sys/call/error-text.ts';
import { refuseForeign } from '../../sys/file/foreign.ts';
import { type Spot, withSpot } from '../../sys/file/spot.ts';
import { inRoot } from '../../sys/call/root-directory.ts';

export type TargetKind = 'regular' | 'terminal' | 'device';

/** An open descriptor and what it leads to. */
export interface OpenTarget {
  readonly fd: number;
  readonly kind: TargetKind;
  readonly dev: number;
  readonly ino: number;
  /** When it was opened, before anything was appended. */
  readonly sizeBytes: number;
  /** Time of the last change when it was opened, epoch milliseconds. */
  readonly changedMs: number;
  /** Its name then, as the kernel knows it; null if unknown. */
  readonly where: string | null;
  /** It was missing, and created by this open. */
  readonly made: boolean;
  /** Never fails: nothing can be done about a descriptor that does not close. */
  close(): Promise<void>;
}

/** Why a path cannot be written to, apart from system errors. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

const fstatAsync = promisify(fstat);
const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;
const FLAGS = O_APPEND | O_NONBLOCK | O_NOCTTY;
/** The name has changed since it was looked at: look again. */
const CHANGED: ReadonlySet<string> = new Set(['EEXIST', 'ELOOP', 'ENOENT']);
/** Attempts at a name that keeps changing. */
const ATTEMPTS_MAX = 20;
/** A reason, as it is logged. */
export const NOT_A_TARGET = 'not a file or device: found a FIFO, directory or socket';
const LF = 0x0a;
/** Attempts at an end of file that keeps changing. */
const LOOKS_MAX = 20;

/** Opens for reading too if that is permitted, so that a torn end can be seen and removed. */
async function openExisting(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, O_RDWR | flags);
  } catch (error) {
    if (errorCode(error) !== 'EACCES') throw error;
    return await open(path, O_WRONLY | flags);
  }
}

/** A missing device must not be replaced with a file. */
export function mayCreate(whole: string): boolean {
  const path = inRoot(whole);
  return !path.startsWith('/dev/') || path.startsWith('/dev/shm/');
}

/** Called with a newly created file, before it is used. */
export type MadeFile = (handle: FileHandle) => Promise<void>;

/** What else matters about a file being opened. */
export interface OpenCare {
  readonly made: MadeFile;
  /** Whether this process already has the file open: then its last line may be one that is just being written. */
  isHeld(dev: number, ino: number): boolean;
}

interface Opened {
  readonly handle: FileHandle;
  readonly made: boolean;
}

async function openOrCreate(path: string, mode: number, made: MadeFile | null): Promise<Opened> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const opened = await withSpot(path, 'follow', (spot) => tryOpenOrCreate(spot, mode, made));
    if (opened !== null) return opened;
  }
  throw new TargetError('it keeps changing');
}

/** @returns null if the name has another meaning by now */
async function tryOpenOrCreate(spot: Spot, mode: number, made: MadeFile | null): Promise<Opened | null> {
  const creatable = mayCreate(spot.real);
  try {
    if (spot.stats === null && creatable) return { handle: await create(spot, mode, made), made: true };
    const handle = await openFound(spot);
    return handle === null ? null : { handle, made: false };
  } catch (error) {
    if (creatable && CHANGED.has(errorCode(error))) return null;
    throw error;
  }
}

async function create(spot: Spot, mode: number, made: MadeFile | null): Promise<FileHandle> {
  const handle = await open(spot.at, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | FLAGS, mode);
  try {
    await made?.(handle);
    // The mode of the rule is exact, whatever the umask.
    await handle.chmod(mode);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** @returns null if the name has another meaning by now */
async function openFound(spot: Spot): Promise<FileHandle | null> {
  refuseForeign(spot, 'file');
  const handle = await openExisting(spot.found, FLAGS | spot.nofollow);
  if (spot.changer === null || spot.stats === null) return handle;
  const { dev, ino } = await handle.stat();
  if (dev === spot.stats.dev && ino === spot.stats.ino) return handle;
  await handle.close();
  return null;
}

function kindOf(handle: FileHandle, isFile: boolean, isCharacterDevice: boolean): TargetKind {
  if (isFile) return 'regular';
  if (isCharacterDevice) return isatty(handle.fd) ? 'terminal' : 'device';
  throw new TargetError(NOT_A_TARGET);
}

/** Ends a line that a crash cut short, if the file may be read. */
async function completeLastLine(handle: FileHandle): Promise<void> {
  const last = Buffer.alloc(1);
  for (let look = 0; look < LOOKS_MAX; look++) {
    const { size } = await handle.stat();
    if (size === 0 || (await handle.read(last, 0, 1, size - 1).catch(() => null)) === null) return;
    if (last[0] === LF) return;
    // The end may also belong to a write that another process is about to finish.
    if ((await handle.stat()).size !== size) continue;
    await handle.write('\n');
    return;
  }
}

/** Descriptors that the daemon already has; opening them again by name fails for pipes and sockets. */
const OWN_DESCRIPTORS: ReadonlyMap<string, number> = new Map([
  ['/dev/stdout', 1],
  ['/dev/stderr', 2],
]);

/** Whether this names a descriptor of the daemon, not a file. */
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

/** @throws TargetError for something that takes no lines; the handle stays open */
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
 * @param mode permission bits for a new file
 * @throws the system's error, or TargetError for something that takes no lines
 */
export async function openTarget(whole: string, mode: number, care: OpenCare | null = null): Promise<OpenTarget> {
  const own = OWN_DESCRIPTORS.get(whole);
  if (own !== undefined) return ownDescriptor(own);
  const { handle, made } = await openOrCreate(whole, mode, care?.made ?? null);
  try {
    const stats = await handle.stat();
    const target = asTarget(handle, stats);
    const held = care?.isHeld(stats.dev, stats.ino) === true;
    if (target.kind === 'regular' && stats.size > 0 && !held) await completeLastLine(handle);
    return { ...target, made };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** @returns whether `path` still names `target`; if that cannot be seen, whether `target` has not moved */
export async function isStillAt(path: string, target: OpenTarget): Promise<boolean> {
  try {
    const { dev, ino } = await stat(inRoot(path));
    return dev === target.dev && ino === target.ino;
  } catch (error) {
    return isForbidden(error) && (await isUnmoved(target));
  }
}

/** Tells by the descriptor alone whether a file was removed or renamed. */
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

/** A file opened before the root directory changed has another name after it. */
function fromRoot(where: string | null): string | null {
  try {
    return where === null ? null : inRoot(where);
  } catch {
    return where;
  }
}
