/**
 * Whether standard error is connected to the journal of a service manager, which reads a severity in front of each
 * line. Source: systemd.exec(5), JOURNAL_STREAM; sd-daemon(3).
 */
import { fstatSync } from 'node:fs';

const STDERR_FD = 2;

/** JOURNAL_STREAM names device and inode; a process that redirects the stream leaves the variable unchanged. */
export function isStderrJournal(env: NodeJS.ProcessEnv = process.env): boolean {
  const { JOURNAL_STREAM: stream } = env;
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(STDERR_FD, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** A line in the journal's form; `severity` as in SEVERITY. */
export function journalLine(severity: number, text: string): string {
  return `<${severity}>${text}`;
}
