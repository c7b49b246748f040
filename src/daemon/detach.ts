/**
 * Becoming a daemon, seen from the command that starts it: the program is started anew in a session of its own,
 * and the command returns when that is ready or has failed. Source: daemon(7), setsid(2).
 *
 * Node cannot fork. A shell becomes leader of the new session, starts the program behind it and ends, so that the
 * daemon is not the leader and can never acquire a controlling terminal.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { printStderr } from '../sys/print.ts';

/** Descriptor on which the daemon says that it is ready. */
export const READY_FD = 3;
/** Set for the daemon: it was started by {@link startDetached}. */
export const DETACHED_VARIABLE = 'TSYSLOGD_DETACHED';
export const READY_LINE = 'ready\n';

/** A daemon that says nothing for so long is given up. */
const PATIENCE_MS = 30_000;

const SCRIPT = '"$@" &';

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'on' in stream && 'setEncoding' in stream;
}

/**
 * Starts this program again, detached, with the same arguments. What it has to complain about before it is ready
 * goes to our stderr.
 *
 * @returns whether it became ready
 */
export function startDetached(): Promise<boolean> {
  const child = spawn(
    '/bin/sh',
    ['-c', SCRIPT, 'sh', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      env: { ...process.env, [DETACHED_VARIABLE]: String(READY_FD) },
    },
  );
  const pipe: unknown = child.stdio[READY_FD];
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      printStderr(`tsyslogd: not ready after ${PATIENCE_MS / 1000} seconds\n`);
      resolve(false);
    }, PATIENCE_MS);
    let said = '';
    const end = (): void => {
      clearTimeout(giveUp);
      resolve(said === READY_LINE);
    };
    child.on('error', (error) => {
      printStderr(`tsyslogd: cannot start /bin/sh: ${error.message}\n`);
      end();
    });
    if (!isReadable(pipe)) {
      end();
      return;
    }
    pipe.setEncoding('latin1');
    pipe.on('data', (text: string) => {
      said += text;
      if (said === READY_LINE) end();
    });
    pipe.on('close', end);
  });
}
