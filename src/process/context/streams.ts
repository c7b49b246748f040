/**
 * Standard input, output and error of a daemon: opened with all privileges, put in place at the end. Source: daemon(7),
 * dup2(2).
 */
import { closeSync, constants, openSync } from 'node:fs';
import { refuseForeign } from '../../sys/file/foreign.ts';
import { withSpotSync } from '../../sys/file/spot.ts';
import { replaceFd } from '../../sys/process/replace-fd.ts';
import { resetStderr } from '../../sys/print/stderr-line.ts';

/** A path, an open descriptor, or {@link INHERIT}. */
export type StreamTarget = string | number;

/** The stream that the program was started with. */
export const INHERIT = 'inherit';

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const INPUT_FLAGS = O_RDONLY | O_NOCTTY;
const OUTPUT_FLAGS = O_WRONLY | O_APPEND | O_NOCTTY;
const OUTPUT_MODE = 0o640;
const STDERR_FD = 2;

/** Standard input, output and error, in this order. */
export type StreamTargets = readonly [StreamTarget, StreamTarget, StreamTarget];

/** Descriptors that will become 0, 1 and 2. */
export class StandardStreams {
  readonly #fds: readonly (number | null)[];
  readonly #opened: readonly number[];

  /** @throws the system's error */
  constructor(targets: StreamTargets) {
    const opened: number[] = [];
    this.#opened = opened;
    this.#fds = targets.map((target, idx) => {
      if (target === INHERIT) return null;
      if (typeof target === 'number') return target;
      const fd = openStream(target, idx === 0);
      opened.push(fd);
      return fd;
    });
  }

  /** @throws SysError if a given descriptor is not open */
  putInPlace(): void {
    for (const [target, fd] of this.#fds.entries()) if (fd !== null && fd !== target) replaceFd(fd, target);
    if (this.#fds[STDERR_FD] !== null) resetStderr();
    this.close();
  }

  close(): void {
    for (const fd of this.#opened) closeSync(fd);
  }
}

function openStream(path: string, forInput: boolean): number {
  return withSpotSync(path, 'follow', (spot) => {
    refuseForeign(spot, 'file');
    if (forInput) return openSync(spot.found, INPUT_FLAGS | spot.nofollow);
    if (spot.stats !== null) return openSync(spot.found, OUTPUT_FLAGS | spot.nofollow);
    return openSync(spot.at, OUTPUT_FLAGS | O_CREAT | O_EXCL | O_NOFOLLOW, OUTPUT_MODE);
  });
}
