/**
 * Becoming a daemon, seen from the command that starts it: starts the program again in a session of its own, and learns
 * when that is ready or why it is not. Source: daemon(7), setsid(2).
 *
 * Node cannot fork. A shell becomes leader of the new session, starts the program and exits, so that the daemon is not
 * the leader and can never acquire a controlling terminal.
 */
import type { StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { errorText } from '../../sys/call/error-text.ts';
import { printStderr } from '../../sys/print/print.ts';
import { spawnProgram } from '../../sys/process/spawn-program.ts';

/** Tells the program that it was started to be the daemon: the descriptor number for its report. */
export const READY_VARIABLE = 'DAEMON_CONTEXT_READY_FD';
/** The report: this line, or {@link FAILED_WORD}, a blank and the reason. */
export const READY_LINE = 'ready\n';
export const FAILED_WORD = 'failed';
/** May precede the report; has no meaning. */
export const ALIVE_LINE = '\n';

/** A daemon that is silent for this long is given up. */
const PATIENCE_MS = 30_000;
const FIRST_FREE_FD = 3;

const SHELL = '/bin/sh';
const SCRIPT = '"$@" &';

export interface DetachOptions {
  /** Program name in error messages of the command. */
  readonly name: string;
  /** Further descriptors that the daemon is to have. */
  readonly preserve: readonly number[];
  /** Whether standard input, output and error are those of the command; standard error is until the daemon is ready. */
  readonly inheritStdin: boolean;
  readonly inheritStdout: boolean;
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'on' in stream && 'setEncoding' in stream;
}

/** The descriptors of the shell and the program; the last one is for the report. */
function stdioOf({ preserve, inheritStdin, inheritStdout }: DetachOptions): StdioOptions & unknown[] {
  let readyFd = FIRST_FREE_FD;
  while (preserve.includes(readyFd)) readyFd++;
  const stdio: ('ignore' | 'inherit' | 'pipe' | number)[] = [
    inheritStdin ? 'inherit' : 'ignore',
    inheritStdout ? 'inherit' : 'ignore',
    'inherit',
  ];
  for (const fd of preserve) if (fd >= FIRST_FREE_FD) stdio[fd] = fd;
  stdio[readyFd] = 'pipe';
  return Array.from(stdio, (entry) => entry ?? 'ignore');
}

/**
 * Starts this program again, detached, with the same arguments. Its error messages before it is ready go to our stderr.
 *
 * @returns whether it became ready; if not, the reason is on stderr
 */
export async function startDetached(options: DetachOptions): Promise<boolean> {
  const complain = (text: string): void => printStderr(`${options.name}: ${text}\n`);
  const stdio = stdioOf(options);
  const readyFd = stdio.indexOf('pipe');
  try {
    const child = await spawnProgram(
      SHELL,
      ['-c', SCRIPT, 'sh', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
      { detached: true, stdio, env: { ...process.env, [READY_VARIABLE]: String(readyFd) } },
    );
    const pipe: unknown = child.stdio[readyFd];
    return isReadable(pipe) && (await readReport(pipe, complain));
  } catch (error) {
    complain(`cannot start ${SHELL}: ${errorText(error)}`);
    return false;
  }
}

function readReport(pipe: Readable, complain: (text: string) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      complain(`not ready after ${PATIENCE_MS / 1000} seconds`);
      resolve(false);
    }, PATIENCE_MS);
    let said = '';
    pipe.setEncoding('utf8');
    pipe.on('data', (text: string) => {
      said = (said + text).trimStart();
      if (said === READY_LINE) pipe.destroy();
    });
    // `close` follows.
    pipe.on('error', () => undefined);
    pipe.once('close', () => {
      clearTimeout(giveUp);
      const ready = said === READY_LINE;
      if (!ready)
        complain(said.startsWith(`${FAILED_WORD} `) ? said.slice(FAILED_WORD.length + 1) : 'exited too early');
      resolve(ready);
    });
  });
}
