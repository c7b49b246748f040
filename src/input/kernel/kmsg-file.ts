/**
 * The device /dev/kmsg as it is opened, read and watched. Source: the kernel's Documentation/ABI/testing/dev-kmsg.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { nativeAvailable } from '../../sys/call/native.ts';
import { type Readiness, watchReadable } from '../../sys/call/readiness.ts';
import { rewindFd } from '../../sys/machine/rewind.ts';

/** Between two looks where readiness cannot be watched. */
const POLL_MS = 1000;

/** Opens and reads the log; tests use another one, since no other file reads like /dev/kmsg. */
export interface KmsgFile {
  /** @throws the system's error */
  open(path: string): number;
  /** Reads one record. @throws the system's error, EAGAIN where there is none */
  read(fd: number, buffer: Buffer): number;
  close(fd: number): void;
  /** Goes back to the first record. */
  rewind(fd: number): void;
  /** Calls back when there may be something to read. */
  watch(fd: number, callback: () => void): Readiness;
}

class PollTimer implements Readiness {
  readonly #timer: NodeJS.Timeout;
  #paused = false;

  constructor(callback: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#paused) callback();
    }, POLL_MS);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

export const KMSG_FILE: KmsgFile = {
  open: (path) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY),
  read: (fd, buffer) => readSync(fd, buffer),
  close: closeSync,
  rewind: rewindFd,
  watch: (fd, callback) => (nativeAvailable().ok ? watchReadable(fd, callback) : new PollTimer(callback)),
};
