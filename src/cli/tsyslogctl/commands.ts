/**
 * The commands that query a running daemon and print its answer: status, reload, reopen, rotate, mark.
 */
import { isatty } from 'node:tty';
import { printPainted, printStderr, printStdout } from '../../sys/print/print.ts';
import { visibleJson, visibleText } from '../../sys/print/visible-text.ts';
import { type Answer, type AnswerLine, ask, ControlError } from './client.ts';
import type { ControlRequest } from './options.ts';
import { readStatus, text } from './status-document.ts';
import { CTL_EXIT } from './command-table.ts';
import { ControlFailed, explainFailure, type FailureStatuses, requireControl, targetOf } from './target.ts';

const STDOUT_FD = 1;
const STATUS_MS = 5000;
/** Opening files and closing unused ones have their own limits in the daemon: this is their sum. */
const WORK_MS = 30_000;

const STATUS_FAILURES: FailureStatuses = { notRunning: CTL_EXIT.notThere, noAnswer: CTL_EXIT.unknown };
const WORK_FAILURES: FailureStatuses = { notRunning: CTL_EXIT.notRunning, noAnswer: CTL_EXIT.failed };

/** @returns the exit status. @throws ControlFailed */
export async function showStatus(request: ControlRequest): Promise<number> {
  const line = await sendRequest(request, 'status', STATUS_MS, STATUS_FAILURES);
  if (request.json) {
    printStdout(`${visibleJson(line.text)}\n`);
    return CTL_EXIT.done;
  }
  const status = readStatus(line.answer);
  if (status === null) throw new ControlFailed('the answer has no status', CTL_EXIT.unknown);
  if (request.quiet) return CTL_EXIT.done;
  const [{ renderStatus }, { chooseStyle }] = await Promise.all([import('./status-text.ts'), import('./style.ts')]);
  printPainted(renderStatus(status, chooseStyle(isatty(STDOUT_FD) ? process.stdout : {}, process.env)));
  return CTL_EXIT.done;
}

/** Sends the daemon a command. @returns the exit status. @throws ControlFailed */
export async function tellDaemon(
  request: ControlRequest,
  command: 'reload' | 'reopen' | 'rotate' | 'mark',
): Promise<number> {
  const { answer } = await sendRequest(request, command, WORK_MS, WORK_FAILURES, command === 'reload');
  if (answer['ok'] !== true) return refused(answer, Array.isArray(answer['problems']) ? answer['problems'] : []);
  if (!request.quiet) printStdout(`${success(command, answer)}\n`);
  return CTL_EXIT.done;
}

/** A configuration that was refused: its errors in the form of a compiler's. */
function refused(answer: Answer, problems: readonly unknown[]): number {
  const lines = problems.filter((line) => typeof line === 'string');
  for (const line of lines) printStderr(`${visibleText(line)}\n`);
  printStderr(`tsyslogctl: ${text(answer, 'error') || 'configuration not changed'}\n`);
  return CTL_EXIT.badConfiguration;
}

function success(command: 'reload' | 'reopen' | 'rotate' | 'mark', answer: Answer): string {
  switch (command) {
    case 'reload':
      return `reloaded ${text(answer, 'file')}, configuration ${Number(answer['configuration'])}`;
    case 'reopen':
      return 'reopened';
    case 'rotate': {
      const rotated = Number(answer['rotated']);
      if (rotated === 0) return 'nothing to rotate: no file has rotation set';
      return `rotated ${rotated} file${rotated === 1 ? '' : 's'}`;
    }
    case 'mark':
      break;
  }
  return 'marked';
}

/** @param mayRefuse return an answer with problems; any other refusal is thrown */
async function sendRequest(
  request: ControlRequest,
  command: string,
  limitMs: number,
  statuses: FailureStatuses,
  mayRefuse = false,
): Promise<AnswerLine> {
  const target = targetOf(request);
  let line: AnswerLine;
  try {
    line = await ask(requireControl(target), command, request.timeoutMs ?? limitMs);
  } catch (error) {
    if (error instanceof ControlError) throw await explainFailure(error, target, statuses);
    throw error;
  }
  if (line.answer['ok'] === true || (mayRefuse && Array.isArray(line.answer['problems']))) return line;
  throw new ControlFailed(
    text(line.answer, 'error') || 'the daemon refused without giving a reason',
    statuses.noAnswer,
  );
}
