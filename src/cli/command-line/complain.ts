/**
 * Why the daemon does not start, or ends, for whoever started it: on standard error, or in the journal where that leads
 * there. The journal knows the program's name, and wants a severity.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { isStderrJournal, journalLine } from '../../sys/print/journal-stream.ts';
import { printStderr } from '../../sys/print/print.ts';
import { visibleText } from '../../sys/print/visible-text.ts';
import { type UsageError, usageComplaint } from './usage-error.ts';

const PROGRAM = 'tsyslogd';

/** One line. */
export function complain(text: string): void {
  const line = visibleText(text);
  printStderr(`${isStderrJournal() ? journalLine(SEVERITY.err, line) : `${PROGRAM}: ${line}`}\n`);
}

/** With what to do; in the journal that would only push the reason out of sight. */
export function complainUsage(error: UsageError): void {
  if (isStderrJournal()) complain(error.message);
  else printStderr(usageComplaint(PROGRAM, error));
}
