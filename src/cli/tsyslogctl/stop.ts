/**
 * `stop`: asks the daemon to end, and returns when it has. If the control socket does not answer, sends SIGTERM to the
 * process that holds the lock on the pid file.
 */
import { printStdout } from '../../sys/print/print.ts';
import { type WatchedProcess, watchProcess } from '../../sys/process/pidfd.ts';
import { errorCode } from '../../sys/call/error-text.ts';
import { ControlClient, ControlError } from './client.ts';
import type { ControlRequest } from './options.ts';
import { text } from './status-document.ts';
import { CTL_EXIT } from './command-table.ts';
import { ControlFailed, explainFailure, findHolder, requireControl, type Target, targetOf } from './target.ts';

/** The daemon gives up after 5 seconds; a machine under load is slower. */
const STOP_MS = 10_000;
/** A daemon that has not taken the request by then gets the signal. */
const ANSWER_MS = 2000;

/** How the daemon said it ended; null: it did not say. */
type EndStatus = number | null;

/** @returns the exit status. @throws ControlFailed */
export async function stopDaemon(request: ControlRequest): Promise<number> {
  const target = targetOf(request);
  const deadlineMs = performance.now() + (request.timeoutMs ?? STOP_MS);
  const say = (line: string): void => {
    if (!request.quiet) printStdout(`${line}\n`);
  };
  let client: ControlClient;
  try {
    client = await ControlClient.open(requireControl(target), leftMs(deadlineMs, ANSWER_MS));
  } catch (error) {
    return await bySignal(toControlError(error), target, deadlineMs, say);
  }
  try {
    return await byRequest(client, deadlineMs, say);
  } catch (error) {
    return await bySignal(toControlError(error), target, deadlineMs, say);
  } finally {
    client.close();
  }
}

type Say = (line: string) => void;

function toControlError(error: unknown): ControlError {
  if (error instanceof ControlError) return error;
  throw error;
}

function leftMs(deadlineMs: number, most = Number.POSITIVE_INFINITY): number {
  return Math.max(1, Math.min(most, deadlineMs - performance.now()));
}

/** @throws ControlError: it took no request; ControlFailed */
async function byRequest(client: ControlClient, deadlineMs: number, say: Say): Promise<number> {
  client.send('stop');
  const { answer } = await client.next(leftMs(deadlineMs, ANSWER_MS));
  if (answer['ok'] !== true) throw new ControlFailed(text(answer, 'error') || 'the daemon refused', CTL_EXIT.failed);
  const pid = Number(answer['pid']);
  const watched = Number.isSafeInteger(pid) && pid > 1 ? watchProcess(pid) : null;
  const status = await endOf(client, deadlineMs, pid);
  await gone(watched, pid, deadlineMs);
  if (status === CTL_EXIT.dataLeft)
    throw new ControlFailed(`tsyslogd, pid ${pid}, exited with data unwritten`, CTL_EXIT.dataLeft);
  if (status === null)
    throw new ControlFailed(
      `tsyslogd, pid ${pid}, exited without saying whether everything was written`,
      CTL_EXIT.failed,
    );
  say(`tsyslogd, pid ${pid}, exited`);
  return CTL_EXIT.done;
}

/** @throws ControlFailed after the deadline */
async function endOf(client: ControlClient, deadlineMs: number, pid: number): Promise<EndStatus> {
  try {
    const { answer } = await client.next(leftMs(deadlineMs));
    if (answer['ended'] !== true) return null;
    return Number(answer['status']);
  } catch (error) {
    if (toControlError(error).kind === 'silent') throw notEnded(pid);
    return null;
  }
}

async function bySignal(error: ControlError, target: Target, deadlineMs: number, say: Say): Promise<number> {
  const statuses = { notRunning: CTL_EXIT.done, noAnswer: CTL_EXIT.failed };
  if (error.kind === 'forbidden') throw await explainFailure(error, target, statuses);
  const holder = await findHolder(target.pidFile);
  if (holder.kind === 'nobody') {
    const tried = target.control === null ? '' : `, nothing answers at ${target.control}`;
    say(`tsyslogd is not running: pid file ${target.pidFile} is not locked${tried}`);
    return CTL_EXIT.done;
  }
  if (holder.kind === 'hidden') throw await explainFailure(error, target, statuses);
  const { pid } = holder;
  const watched = watchProcess(pid);
  if (watched !== null) terminate(pid);
  await gone(watched, pid, deadlineMs);
  say(`tsyslogd, pid ${pid}, exited on SIGTERM`);
  return CTL_EXIT.done;
}

/** @throws ControlFailed if permission is denied */
function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return;
    const who = 'only root and its own user may stop it';
    throw new ControlFailed(`permission denied: tsyslogd is running, pid ${pid}, ${who}`, CTL_EXIT.failed);
  }
}

/** @throws ControlFailed after the deadline */
async function gone(watched: WatchedProcess | null, pid: number, deadlineMs: number): Promise<void> {
  if (watched === null) return;
  const ended = await watched.ended(leftMs(deadlineMs));
  watched.close();
  if (!ended) throw notEnded(pid);
}

function notEnded(pid: number): ControlFailed {
  const advice = `kill -KILL ${pid} stops it and loses what it has not written`;
  return new ControlFailed(`tsyslogd, pid ${pid}, did not exit in time: ${advice}`, CTL_EXIT.failed);
}
