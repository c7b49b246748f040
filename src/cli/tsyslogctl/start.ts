/**
 * `start`, `restart`, `run`: starts the program tsyslogd next to this one, with the same Node.js, by a path that stays
 * valid when a new version is installed.
 *
 * For `start` a daemon that already runs is success, as LSB requires of init scripts; `restart` asks it to hand over to
 * a new process, so that no message is lost, and starts it if it does not run.
 */
import type { ChildProcess } from 'node:child_process';
import { readlinkSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText } from '../../sys/call/error-text.ts';
import { printStdout } from '../../sys/print/print.ts';
import { spawnProgram } from '../../sys/process/spawn-program.ts';
import { ask, ControlError, isObject } from './client.ts';
import type { ControlRequest } from './options.ts';
import { text } from './status-document.ts';
import { CTL_EXIT } from './command-table.ts';
import { ControlFailed, explainFailure, findHolder, requireControl, type Target } from './target.ts';
import { asDaemonOptions, UsageError } from '../command-line/usage-error.ts';

/** The new process must start, and the old one must write what it has. */
const RESTART_MS = 60_000;
/** For a daemon that holds no lock but may still be there. */
const LOOK_MS = 2000;
/** Signals that the user may send to a daemon in the foreground. */
const SIGNALS = ['SIGALRM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
const FOREGROUND = '-F';

/** The daemon's command line, and the target it implies. */
interface Plan {
  readonly args: readonly string[];
  readonly target: Target;
  readonly foreground: boolean;
}

/** @throws UsageError if the daemon would refuse its options */
async function planDaemon(request: ControlRequest): Promise<Plan> {
  const args = [
    ...(request.pidFile === null ? [] : ['-P', request.pidFile]),
    ...(request.control === null ? [] : ['--control', request.control]),
    ...request.daemonArgs,
  ];
  const { parseOptions } = await import('../tsyslogd/options.ts');
  const { action, pidFile, controlSocket, foreground } = asDaemonOptions(() => parseOptions(args));
  if (action !== 'run') throw new UsageError(`these daemon options do not start it: use tsyslogd itself`);
  return { args, target: { pidFile, control: controlSocket }, foreground };
}

/** @returns the exit status. @throws UsageError */
export async function startDaemon(request: ControlRequest): Promise<number> {
  const plan = await planDaemon(request);
  if (plan.foreground) throw new UsageError(`'start' runs in the background: use 'run' for the foreground`);
  const say = (line: string): void => {
    if (!request.quiet) printStdout(`${line}\n`);
  };
  const running = await pidOf(plan.target);
  if (running !== null) {
    say(`tsyslogd is already running, pid ${running}`);
    return CTL_EXIT.done;
  }
  const status = await endOf(await spawnDaemon(plan.args));
  const pid = await pidOf(plan.target);
  if (status === CTL_EXIT.done) say(`tsyslogd is running${pid === null ? '' : `, pid ${pid}`}`);
  // Somebody else has just started it: the request is met.
  else if (pid !== null) return CTL_EXIT.done;
  return status;
}

/** Asks the daemon to hand over. @returns the exit status. @throws UsageError, ControlFailed */
export async function restartDaemon(request: ControlRequest): Promise<number> {
  const { target } = await planDaemon(request);
  const pid = (await pidOf(target)) ?? (await pidByControl(target));
  if (pid === null) return await startDaemon(request);
  if (request.daemonArgs.length > 0)
    throw new ControlFailed(
      `tsyslogd is running, pid ${pid}: a restart keeps its options; use 'stop' and 'start' to change them`,
      CTL_EXIT.failed,
    );
  try {
    const { answer } = await ask(requireControl(target), 'restart', request.timeoutMs ?? RESTART_MS);
    if (answer['ok'] !== true)
      throw new ControlFailed(text(answer, 'error') || 'the daemon refused without giving a reason', CTL_EXIT.failed);
    if (!request.quiet)
      printStdout(
        `tsyslogd ${text(answer, 'version')} is running, pid ${Number(answer['pid'])}, replacing pid ${pid}\n`,
      );
    return CTL_EXIT.done;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    throw await explainFailure(error, target, { notRunning: CTL_EXIT.notRunning, noAnswer: CTL_EXIT.failed });
  }
}

/** Runs the daemon until it ends, passing signals on to it. @returns its exit status. @throws UsageError */
export async function runForeground(request: ControlRequest): Promise<number> {
  const { args, foreground } = await planDaemon(request);
  const child = await spawnDaemon(foreground ? args : [FOREGROUND, ...args]);
  for (const name of SIGNALS) process.on(name, () => child.kill(name));
  return await endOf(child);
}

async function pidOf({ pidFile }: Target): Promise<number | null> {
  const holder = await findHolder(pidFile);
  return holder.kind === 'pid' ? holder.pid : null;
}

/**
 * During a handover nobody holds the lock for a moment, but the control socket always answers.
 *
 * @returns null if it does not
 */
async function pidByControl(target: Target): Promise<number | null> {
  if (target.control === null) return null;
  try {
    const { status } = (await ask(target.control, 'status', LOOK_MS)).answer;
    return isObject(status) && typeof status['pid'] === 'number' ? status['pid'] : null;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return await pidOf(target);
  }
}

/** @throws ControlFailed if it cannot be started at all */
async function spawnDaemon(args: readonly string[]): Promise<ChildProcess> {
  try {
    return await spawnProgram(process.execPath, [programPath(process.argv[1] ?? ''), ...args], { stdio: 'inherit' });
  } catch (error) {
    throw new ControlFailed(`cannot start tsyslogd: ${errorText(error)}`, CTL_EXIT.failed);
  }
}

const PROGRAM_NAMES = ['tsyslogd', 'tsyslogd.cjs'] as const;

/**
 * The program tsyslogd that belongs to this one, by the path used to start the daemon now and to restart it after an
 * upgrade. Symbolic links to a version are not followed, since they may lead to another one later.
 *
 * @param typed how this program was invoked
 */
export function programPath(typed: string): string {
  const own = realpathSync(fileURLToPath(new URL('../tsyslogd.cjs', import.meta.url)));
  for (let path: string | null = typed; path !== null; path = linkTarget(path)) {
    const folder = dirname(path);
    const found = PROGRAM_NAMES.map((name) => join(folder, name)).find((candidate) => leadsTo(candidate, own));
    if (found !== undefined) return found;
  }
  return own;
}

/** @returns the target of a symbolic link, one step; null: not a link */
function linkTarget(path: string): string | null {
  try {
    return resolvePath(dirname(path), readlinkSync(path));
  } catch {
    return null;
  }
}

function leadsTo(path: string, own: string): boolean {
  try {
    return realpathSync(path) === own;
  } catch {
    return false;
  }
}

/** Added to the signal number in the exit status, as the shell does. */
const BY_SIGNAL = 128;

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => {
      resolve(status ?? BY_SIGNAL + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
