/**
 * Becoming a daemon, seen from the daemon: closes what it inherited, and tells the command that it is ready, or why
 * not. Source: daemon(7).
 */
import { closeSync, fstatSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { ALIVE_LINE, FAILED_WORD, READY_LINE, READY_VARIABLE } from './detach.ts';

const FIRST_OTHER_FD = 3;
/** Source: fcntl(2), in the octal notation of /proc/PID/fdinfo. */
const O_CLOEXEC = 0o2000000;

/** The way back to the command that started the daemon. It can be used once. */
export class ReadyPipe {
  readonly fd: number;
  #open = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** @returns false if the command is gone or has given up: then nothing irreversible should be done */
  isHeard(): boolean {
    try {
      writeSync(this.fd, ALIVE_LINE);
      return true;
    } catch {
      return false;
    }
  }

  /** @returns false if the command is gone or has given up: then nobody knows that the daemon runs */
  ready(): boolean {
    return this.#say(READY_LINE);
  }

  /** `reason` has no program name and no trailing newline. */
  failed(reason: string): void {
    this.#say(`${FAILED_WORD} ${reason}`);
  }

  #say(text: string): boolean {
    if (!this.#open) return false;
    this.#open = false;
    try {
      writeSync(this.fd, text);
      return true;
    } catch {
      return false;
    } finally {
      closeSync(this.fd);
    }
  }
}

/** @returns null if this process was not started to be the daemon; call once, at the beginning */
export function takeReadyPipe(env: NodeJS.ProcessEnv = process.env): ReadyPipe | null {
  const text = env[READY_VARIABLE];
  delete env[READY_VARIABLE];
  const fd = Number(text);
  return text !== undefined && Number.isInteger(fd) && fd >= FIRST_OTHER_FD && isPipe(fd) ? new ReadyPipe(fd) : null;
}

function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isSocket() || stat.isFIFO();
  } catch {
    return false;
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false;
  }
}

/**
 * Closes what the starting process left open. Node opens its own descriptors close-on-exec, so any without that flag
 * are not its own.
 */
export function closeInherited(preserve: readonly number[]): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd >= FIRST_OTHER_FD && !preserve.includes(fd) && isInherited(fd)) closeSync(fd);
  }
}
