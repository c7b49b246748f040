/**
 * The summary of the options, and the version.
 */
import { readVersion } from '../../command-line/version.ts';
import { LOGGER_OPTIONS, type LoggerOption } from './option-table.ts';

const NAMES_WIDTH = 27;

function namesOf({ short, long, argument, value }: LoggerOption): string {
  const names = [short === null ? '' : `-${short}`, long === null ? '' : `--${long}`].filter((name) => name !== '');
  const shown = argument === 'none' ? '' : argument === 'optional' ? `[=${value}]` : ` ${value}`;
  return `${short === null ? '    ' : ''}${names.join(', ')}${shown}`;
}

export function loggerUsage(program: string): string {
  const rows = LOGGER_OPTIONS.map((row) => `  ${namesOf(row).padEnd(NAMES_WIDTH)} ${row.help}\n`).join('');
  return (
    `usage: ${program} [option ...] [message ...]\n\n` +
    `Sends messages to the system log: the arguments, or the lines of a file or of standard input.\n\n${rows}`
  );
}

/** @returns e.g. `tlogger from tsyslogd 0.1.0` */
export function loggerVersion(program: string): string {
  return `${program} from tsyslogd ${readVersion()}\n`;
}
