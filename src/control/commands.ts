/**
 * The commands of the control socket and the control pipe.
 */
import type { ControlHandler, ControlOutcome } from './connection.ts';
import type { ControlAnswer, ControlCommand, DaemonPhase, DaemonStatus } from './protocol.ts';
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { messageLine } from '../sys/call/error-text.ts';

/** The outcome of a request. `problems` as in the log; `number` counts configurations from 1. */
export type ReloadOutcome =
  | { readonly ok: true; readonly file: string; readonly number: number }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The daemon as seen by commands. */
export interface ControlTarget {
  readonly phase: DaemonPhase;
  status(): DaemonStatus;
  reload(): Promise<ReloadOutcome>;
  reopen(): void;
  /** @returns how many files have rotation */
  rotate(): number;
  mark(): void;
}

/** What only the whole process can do. */
export interface ControlHooks {
  /** Ends the daemon and then the process. `reason` as in `exiting on signal SIGTERM`. */
  readonly stop: (reason: string) => void;
  /**
   * Starts a new process that takes over, then ends this one. Null: impossible.
   *
   * @throws Error with one line: the new process could not take over, and this one continues
   */
  readonly restart: (() => Promise<RestartOutcome>) | null;
  /** The new process has taken over and the client has its answer: this process ends. */
  readonly replaced: () => void;
}

export interface RestartOutcome {
  readonly pid: number;
  readonly version: string;
}

/** The commands that need no answer. */
const PIPE_COMMANDS = ['reload', 'reopen', 'rotate', 'mark', 'stop'] as const;

/** @returns the handler of the control socket */
export function controlHandler(target: ControlTarget, hooks: ControlHooks): ControlHandler {
  return async (command) => {
    const refusal = refuse(command, target.phase);
    if (refusal !== null) return failed(command, refusal);
    try {
      return await carryOut(command, target, hooks);
    } catch (error) {
      const outcome = failed(command, messageLine(error));
      // A restart may fail; any other error is a bug and ends the daemon, as everywhere.
      return command === 'restart' ? outcome : { ...outcome, afterwards: () => rethrow(error) };
    }
  };
}

function rethrow(error: unknown): never {
  throw error;
}

/** @returns why a command cannot be carried out now, or null */
function refuse(command: ControlCommand, phase: DaemonPhase): string | null {
  if (phase === 'running' || command === 'status' || command === 'stop') return null;
  return phase === 'ending' ? 'the daemon is exiting' : 'the daemon is being replaced by a new process';
}

function failed(command: ControlCommand, error: string): ControlOutcome {
  return { answer: { ok: false, command, error } };
}

async function carryOut(command: ControlCommand, target: ControlTarget, hooks: ControlHooks): Promise<ControlOutcome> {
  switch (command) {
    case 'status':
      return { answer: { ok: true, command, status: target.status() } };
    case 'reload':
      return { answer: reloadAnswer(await target.reload()) };
    case 'reopen':
      target.reopen();
      return { answer: { ok: true, command } };
    case 'rotate':
      return { answer: { ok: true, command, rotated: target.rotate() } };
    case 'mark':
      target.mark();
      return { answer: { ok: true, command } };
    case 'stop':
      return {
        answer: { ok: true, command, pid: process.pid },
        untilEnd: true,
        afterwards: () => hooks.stop('command stop'),
      };
    case 'restart':
      break;
  }
  if (hooks.restart === null) return failed(command, 'cannot restart here');
  return { answer: { ok: true, command, ...(await hooks.restart()) }, afterwards: hooks.replaced };
}

/**
 * Carries out a word from the control pipe, which gets no answer; the log shows the outcome.
 *
 * @returns false if the word is unknown
 */
export function carryOutWord(word: string, target: ControlTarget, hooks: ControlHooks, report: Report): boolean {
  const command = PIPE_COMMANDS.find((name) => name === word);
  if (command === undefined) return false;
  const refusal = refuse(command, target.phase);
  // As with SIGHUP, the process that continues does the reload.
  if (refusal !== null && command !== 'reload') {
    report(SEVERITY.warning, `ignoring command "${command}" from the control pipe: ${refusal}`);
    return true;
  }
  switch (command) {
    case 'reload':
      void target.reload();
      break;
    case 'reopen':
      target.reopen();
      break;
    case 'rotate':
      target.rotate();
      break;
    case 'mark':
      target.mark();
      break;
    case 'stop':
      hooks.stop('command stop');
      break;
  }
  return true;
}

function reloadAnswer(outcome: ReloadOutcome): ControlAnswer {
  const command = 'reload';
  if (outcome.ok) return { ok: true, command, file: outcome.file, configuration: outcome.number };
  const { problems } = outcome;
  const errors = `${problems.length} error${problems.length === 1 ? '' : 's'}`;
  return { ok: false, command, error: `configuration not changed: ${errors}`, problems };
}
