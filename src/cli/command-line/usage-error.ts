/**
 * The error of a wrong command line, shared by all programs.
 */
import { visibleText } from '../../sys/print/visible-text.ts';

/** A wrong command line: one line says why, the next where to find help; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns the text on stderr for a wrong command line of `program`: two lines, whatever was typed */
export function usageComplaint(program: string, error: UsageError): string {
  return `${program}: ${visibleText(error.message)}\ntry ${program} --help\n`;
}

/** Reports what `parse` refuses as refused by the daemon. @throws UsageError */
export function asDaemonOptions<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`tsyslogd: ${error.message}`);
  }
}
