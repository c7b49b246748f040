/**
 * Tells whoever started the daemon why it does not start, or ends: on standard error, or in the journal if standard
 * error leads there. The journal already knows the program's name, and wants a severity.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { isStderrJournal, journalLine } from '../../sys/print/journal-stream.ts';
import { printStderr } from '../../sys/print/print.ts';
import { visibleText } from '../../sys/print/visible-text.ts';
import { type UsageError, usageComplaint } from './usage-error.ts';

const PROGRAM = 'tsyslogd';

/** Writes one line. */
export function complain(text: string): void {
  const line = visibleText(text);
  printStderr(`${isStderrJournal() ? journalLine(SEVERITY.err, line) : `${PROGRAM}: ${line}`}\n`);
}

/** Adds a hint, except in the journal, where it would only push the reason out of sight. */
export function complainUsage(error: UsageError): void {
  if (isStderrJournal()) complain(error.message);
  else printStderr(usageComplaint(PROGRAM, error));
}
