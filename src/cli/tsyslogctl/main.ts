/**
 * The command `tsyslogctl`: picks the command and reports its failure. Each command is loaded on demand, so that
 * `status` loads little.
 */
import { PrintError, printStderr, printStdout } from '../../sys/print/print.ts';
import { visibleText } from '../../sys/print/visible-text.ts';
import { type ControlRequest, parseControlArgs } from './options.ts';
import { controlUsage, CTL_EXIT } from './command-table.ts';
import { UsageError, usageComplaint } from '../command-line/usage-error.ts';

/** Runs the command and sets the exit status. */
export async function runControl(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await perform(parseControlArgs(argv));
  } catch (error) {
    process.exitCode = await complain(error);
  }
}

/** @returns the exit status. @throws any error that is a bug */
async function complain(error: unknown): Promise<number> {
  if (error instanceof UsageError) {
    printStderr(usageComplaint('tsyslogctl', error));
    return CTL_EXIT.usage;
  }
  const { ControlFailed } = await import('./target.ts');
  if (!(error instanceof PrintError || error instanceof ControlFailed)) throw error;
  printStderr(`tsyslogctl: ${visibleText(error.message)}\n`);
  return error instanceof PrintError ? CTL_EXIT.failed : error.status;
}

async function perform(request: ControlRequest): Promise<number> {
  const { command } = request;
  switch (command) {
    case 'help':
      printStdout(controlUsage());
      return CTL_EXIT.done;
    case 'version':
      printStdout(`tsyslogctl ${(await import('../command-line/version.ts')).readVersion()}\n`);
      return CTL_EXIT.done;
    case 'status':
      return await (await import('./commands.ts')).showStatus(request);
    case 'reload':
    case 'reopen':
    case 'rotate':
    case 'mark':
      return await (await import('./commands.ts')).tellDaemon(request, command);
    case 'stop':
      return await (await import('./stop.ts')).stopDaemon(request);
    case 'start':
      return await (await import('./start.ts')).startDaemon(request);
    case 'restart':
      return await (await import('./start.ts')).restartDaemon(request);
    case 'run':
      return await (await import('./start.ts')).runForeground(request);
    case 'explain':
      break;
  }
  return await (await import('./explain.ts')).explainMessage(request);
}
