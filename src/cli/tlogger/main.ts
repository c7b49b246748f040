/**
 * The command `tlogger`: sends messages to the system log, as logger(1) of util-linux does.
 *
 * It lives for milliseconds: what few command lines need is loaded when it is needed.
 */
import { basename } from 'node:path';
import { LoggerFailure } from './failure.ts';
import { logMessages } from './log-messages.ts';
import { printStderr, printStdout } from './print.ts';
import { byteArguments } from './raw-arguments.ts';
import { readCommandLine, type Settings } from './options/settings.ts';
import { surroundingsOf } from './surroundings.ts';
import { chooseNetwork } from './transport/choose-network.ts';

const FAILED = 1;

/** @param argv as Node.js has it. @returns the exit status */
export async function runLogger(argv: readonly string[]): Promise<number> {
  const program = basename(argv[1] ?? 'tlogger').replace(/\.cjs$/, '');
  const warn = (text: string): void => printStderr(`${program}: ${text}\n`);
  try {
    return await perform(program, byteArguments(argv.slice(2)), warn);
  } catch (error) {
    if (!(error instanceof LoggerFailure)) throw error;
    warn(error.message);
    if (error.hint) printStderr(`Try '${program} --help' for more information.\n`);
    return FAILED;
  }
}

type Warn = (text: string) => void;

async function perform(program: string, words: readonly string[], warn: Warn): Promise<number> {
  const around = surroundingsOf(program);
  const line = readCommandLine(words, { pid: around.pid, env: process.env, warn });
  if (line.kind !== 'log') {
    const { loggerUsage, loggerVersion } = await import('./options/usage.ts');
    printStdout(line.kind === 'help' ? loggerUsage(program) : loggerVersion(program));
    return 0;
  }
  const { settings } = line;
  if (settings.inputIsFile && line.words.length > 0)
    warn('--file <file> and <message> are mutually exclusive, message is ignored');
  if (settings.journal !== null) return await writeJournal(settings, settings.journal, program);
  return await logMessages(line.words, { settings, around, warn, network: await chooseNetwork(settings) });
}

async function writeJournal(settings: Settings, input: number, program: string): Promise<number> {
  const { sendEntry } = await import('./journal.ts');
  const { noAct, stderr, waitMs } = settings;
  sendEntry({ input, program, noAct, copy: stderr ? printStderr : null, mustBeTaken: waitMs !== null });
  return 0;
}
