/**
 * Whether standard error leads to the journal of a service manager, which takes a severity in front of each line.
 * Source: systemd.exec(5), JOURNAL_STREAM; sd-daemon(3).
 */
import { fstatSync } from 'node:fs';

const STDERR_FD = 2;

/** JOURNAL_STREAM names device and inode; whoever puts something else in the place of the stream leaves it as it is. */
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

/** A line as the journal takes it; `severity` as in SEVERITY. */
export function journalLine(severity: number, text: string): string {
  return `<${severity}>${text}`;
}
