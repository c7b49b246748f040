/**
 * Holds a process by a descriptor, so that its end can be awaited and its pid cannot be reused in between. Source:
 * pidfd_open(2), Linux 5.3.
 */
import { closeSync, existsSync } from 'node:fs';
import { SysError } from '../call/errors.ts';
import { native, nativeAvailable } from '../call/native.ts';
import { watchReadable } from '../call/readiness.ts';

/** The same number on every machine of abi.ts. Source: pidfd_open(2), asm-generic/unistd.h. */
const SYS_PIDFD_OPEN = 434;
/** Polling interval if the kernel has no pidfd_open(2). */
const LOOK_MS = 20;

/** A process that may end. */
export interface WatchedProcess {
  /** Resolves when the process has ended. @returns false after `limitMs` */
  ended(limitMs: number): Promise<boolean>;
  close(): void;
}

/**
 * Watches a process, child or not; needs no privileges.
 *
 * @returns null: there is no such process
 */
export function watchProcess(pid: number): WatchedProcess | null {
  const fd = nativeAvailable().ok ? native().libc.syscall(SYS_PIDFD_OPEN, pid, 0, 0) : -1;
  if (fd >= 0) return new HeldProcess(fd);
  if (nativeAvailable().ok && new SysError('pidfd_open', native().errno()).code === 'ESRCH') return null;
  return existsSync(`/proc/${pid}`) ? new NamedProcess(pid) : null;
}

class HeldProcess implements WatchedProcess {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  ended(limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (result: boolean): void => {
        clearTimeout(timer);
        readiness.close();
        resolve(result);
      };
      const timer = setTimeout(() => finish(false), limitMs);
      const readiness = watchReadable(this.#fd, () => finish(true));
    });
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Without the system call: polls for the pid. */
class NamedProcess implements WatchedProcess {
  readonly #pid: number;

  constructor(pid: number) {
    this.#pid = pid;
  }

  async ended(limitMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + limitMs;
    while (existsSync(`/proc/${this.#pid}`)) {
      if (performance.now() > deadlineMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  close(): void {
    // Holds no descriptor.
  }
}
