/**
 * How long a daemon takes to start: until its log socket accepts a connection, and until a message sent then is in the
 * file; for tsyslogd, also until `tsyslogctl status` is answered.
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeSocket, connectUnix, createBlockingUnixSocket } from '../../src/sys/socket/sockets.ts';
import { pauseMs, Sender } from '../load/sender.ts';
import { Running, run } from './command.ts';
import type { Daemon, Setup } from './daemon.ts';
import { OURS } from './daemons.ts';
import { outPath } from './places.ts';
import { ONE_FILE } from './rules.ts';

const LOOK_MS = 0.5;
const GIVE_UP_MS = 20_000;
const CONTROL_MS = 10_000;

export interface StartResult {
  /** From the call that starts it until its log socket accepts a connection, ms. */
  readonly boundMs: number;
  /** … until a message is in the file. */
  readonly lineMs: number;
  /** Duration of `tsyslogctl status`, from its start to its end; null: another daemon, or no such program. */
  readonly statusMs: number | null;
}

function takesConnections(path: string): boolean {
  if (!existsSync(path)) return false;
  const fd = createBlockingUnixSocket();
  try {
    connectUnix(fd, path);
    return true;
  } catch {
    return false;
  } finally {
    closeSocket(fd);
  }
}

/** Polls without giving up the processor to anything else in this process. */
function waitUntil(what: string, holds: () => boolean): void {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${GIVE_UP_MS / 1000} s`);
    pauseMs(LOOK_MS);
  }
}

async function statusTime(dir: string): Promise<number | null> {
  const program = outPath('src', 'cli', 'tsyslogctl.cjs');
  if (!existsSync(program)) return null;
  const start = performance.now();
  const args = [program, 'status', '--pid-file', join(dir, 'pid')];
  const { ok, stderr } = await run(process.execPath, args, { timeout: CONTROL_MS });
  if (!ok) throw new Error(`tsyslogctl status: ${stderr.trim().split('\n').at(-1)}`);
  return performance.now() - start;
}

/** @throws Error if it does not get ready */
export async function measureStart(daemon: Daemon): Promise<StartResult> {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-bench-'));
  const setup: Setup = { dir, socket: join(dir, 'log'), port: null, layout: ONE_FILE };
  const file = join(dir, ONE_FILE.rules[0]?.file ?? '');
  const configFile = join(dir, 'conf');
  writeFileSync(configFile, daemon.config(setup));
  const start = performance.now();
  const running = await Running.start(daemon.command(setup, configFile), dir);
  try {
    waitUntil('the log socket', () => takesConnections(setup.socket));
    const boundMs = performance.now() - start;
    const sender = new Sender({ kind: 'unix', path: setup.socket });
    sender.send(0, 1);
    waitUntil('the first line', () => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0);
    const lineMs = performance.now() - start;
    sender.close();
    const statusMs = daemon.name === OURS ? await statusTime(dir) : null;
    return { boundMs, lineMs, statusMs };
  } finally {
    await running.end();
    rmSync(dir, { recursive: true, force: true });
  }
}
