/**
 * The error of a wrong command line, the same for all programs.
 */
import { visibleText } from '../../sys/print/visible-text.ts';

/** A command line that cannot be followed: one line that says why, then where to find help; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns what goes to stderr for a wrong command line of `program`: two lines, whatever stood in it */
export function usageComplaint(program: string, error: UsageError): string {
  return `${program}: ${visibleText(error.message)}\ntry ${program} --help\n`;
}

/** What `parse` refuses is told as the daemon's refusal. @throws UsageError */
export function asDaemonOptions<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`tsyslogd: ${error.message}`);
  }
}
