/**
 * Makes what Node.js cannot: FIFOs, and pipes with both ends in this process.
 *
 * Without native calls mkfifo(1) is used. Source: mkfifo(3), pipe(2), fifo(7).
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, fchmodSync, fstatSync, mkdtempSync, openSync, rmSync, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { withSpotSync } from './spot.ts';
import { check, native, nativeAvailable } from '../call/native.ts';

const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Source: fcntl(2), open(2). */
const F_SETFL = 4;
const O_CLOEXEC = 0o2000000;
/** Limit for mkfifo(1), which runs only without native calls and is waited for. */
const PROGRAM_TIMEOUT_MS = 2000;

/**
 * Makes a FIFO with exactly these permission bits, whatever the umask.
 *
 * @param path of the whole system
 * @returns its stat
 * @throws SysError, e.g. with EEXIST; UnsafePathError; without native calls an Error with the message of mkfifo(1)
 */
export function makeFifo(path: string, mode: number): Stats {
  return withSpotSync(path, 'follow', (spot) => {
    if (nativeAvailable().ok) check(native().libc.mkfifo(spot.at, mode), 'mkfifo', path);
    else runMkfifo(spot.folder, basename(spot.at));
    const fd = openSync(spot.at, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    try {
      const made = fstatSync(fd);
      if (!made.isFIFO() || made.uid !== process.geteuid?.() || made.nlink !== 1)
        throw new Error('it was replaced by something else');
      fchmodSync(fd, mode);
      return made;
    } finally {
      closeSync(fd);
    }
  });
}

/** The child changes to the folder while this process still holds its descriptor. */
function runMkfifo(folder: string, name: string): void {
  try {
    execFileSync('mkfifo', ['-m', '600', '--', name], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PROGRAM_TIMEOUT_MS,
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(said === '' ? 'mkfifo cannot be run' : said, { cause: error });
  }
}

/** The two ends of a pipe. Children inherit neither unless it is passed to them. */
export interface PipeEnds {
  /** Blocking, as programs expect of standard input. */
  readonly readFd: number;
  /** Never blocks. */
  readonly writeFd: number;
}

/** @throws SysError, e.g. with EMFILE */
export function openPipe(): PipeEnds {
  if (!nativeAvailable().ok) return openPipeOverFifo();
  const { libc } = native();
  const ends = new Int32Array(2);
  check(libc.pipe2(ends, O_CLOEXEC), 'pipe2');
  const [readFd = -1, writeFd = -1] = ends;
  check(libc.fcntlInt(writeFd, F_SETFL, 'int', O_NONBLOCK), 'fcntl');
  return { readFd, writeFd };
}

/** A FIFO that is unlinked once both ends are open. */
function openPipeOverFifo(): PipeEnds {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-pipe-'));
  try {
    const path = join(dir, 'pipe');
    runMkfifo(dir, 'pipe');
    const first = openSync(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    const writeFd = openSync(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    // Since there is a writer, opening for reading does not block.
    const readFd = openSync(path, O_RDONLY | O_NOCTTY);
    closeSync(first);
    return { readFd, writeFd };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Opens the read side of the pipe or FIFO that `writeFd` writes to, to count and take back what nobody has read.
 *
 * @returns -1 without /proc
 */
export function tryOpenReadSide(writeFd: number): number {
  try {
    return openSync(`/proc/self/fd/${writeFd}`, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  } catch {
    return -1;
  }
}

/** Whether any process has the read side of a FIFO open. True if that cannot be known, as for a pipe. */
export function hasReader(writeFd: number): boolean {
  try {
    closeSync(openSync(`/proc/self/fd/${writeFd}`, O_WRONLY | O_NOCTTY | O_NONBLOCK));
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENXIO');
  }
}
