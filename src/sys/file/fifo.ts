/**
 * Makes what Node.js cannot make itself: FIFOs, and pipes whose two ends are descriptors of this process.
 *
 * Without native calls mkfifo(1) does the work. Source: mkfifo(3), pipe(2), fifo(7).
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
/** mkfifo(1) takes no longer; it is only waited for where there are no native calls. */
const PROGRAM_TIMEOUT_MS = 2000;

/**
 * Makes a FIFO with exactly these permission bits, whatever the umask.
 *
 * @param path of the whole system
 * @returns what was made
 * @throws SysError with EEXIST and others, UnsafePathError; without native calls an Error with what mkfifo(1) says
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

/** The child changes to the folder while it still has its descriptor. */
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

/** The ends of a pipe. Neither is inherited by child processes unless it is handed to them. */
export interface PipeEnds {
  /** Blocking, as a program expects its standard input. */
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

/** A FIFO that loses its name as soon as both ends are open. */
function openPipeOverFifo(): PipeEnds {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-pipe-'));
  try {
    const path = join(dir, 'pipe');
    runMkfifo(dir, 'pipe');
    const first = openSync(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    const writeFd = openSync(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    // With a writer there, opening for reading no longer waits.
    const readFd = openSync(path, O_RDONLY | O_NOCTTY);
    closeSync(first);
    return { readFd, writeFd };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Opens the read side of the pipe or FIFO that `writeFd` writes to: for counting and taking back what nobody read.
 *
 * @returns -1 where /proc is missing
 */
export function tryOpenReadSide(writeFd: number): number {
  try {
    return openSync(`/proc/self/fd/${writeFd}`, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  } catch {
    return -1;
  }
}

/** Whether somebody has the read side of a FIFO open. True where that cannot be told, as for a pipe. */
export function hasReader(writeFd: number): boolean {
  try {
    closeSync(openSync(`/proc/self/fd/${writeFd}`, O_WRONLY | O_NOCTTY | O_NONBLOCK));
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENXIO');
  }
}
