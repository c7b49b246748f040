/**
 * Runs the programs of `notify` as `PROGRAM LOGFILE` after each rotation, in a session of their own and without input
 * and output. Nothing waits for them.
 *
 * Only one process of each program runs at a time. Files that are rotated in the meantime wait, each for one run.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText } from '../../sys/call/error-text.ts';
import { inRoot, nowhere } from '../../sys/call/root-directory.ts';
import { startProgram } from '../../sys/process/spawn-program.ts';
import type { Report } from '../output.ts';

/** One program. */
interface Notified {
  running: boolean;
  failing: boolean;
  /** Files that wait, in the order of their rotation. */
  readonly waiting: Set<string>;
}

export class RotationNotifier {
  readonly #report: Report;
  readonly #programs = new Map<string, Notified>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** Sets the programs to run from now on; running ones continue. */
  setPrograms(paths: readonly string[]): void {
    for (const path of this.#programs.keys()) if (!paths.includes(path)) this.#programs.delete(path);
    for (const path of paths) {
      if (!this.#programs.has(path)) this.#programs.set(path, { running: false, failing: false, waiting: new Set() });
    }
  }

  /** `logFile` was rotated. */
  rotated(logFile: string): void {
    for (const [program, notified] of this.#programs) {
      notified.waiting.add(logFile);
      this.#next(program, notified);
    }
  }

  #next(program: string, notified: Notified): void {
    const [logFile] = notified.waiting;
    if (notified.running || logFile === undefined || this.#programs.get(program) !== notified) return;
    notified.waiting.delete(logFile);
    notified.running = true;
    const ended = (failure: string | null): void => {
      if (!notified.running) return;
      notified.running = false;
      this.#reportFailure(program, notified, failure);
      this.#next(program, notified);
    };
    try {
      const out = nowhere();
      const options = { cwd: '/', detached: true, stdio: [out, out, out] };
      const child = startProgram(inRoot(program), [inRoot(logFile)], options);
      child.on('error', (error) => ended(errorText(error)));
      child.on('exit', (status, signal) =>
        ended(status === 0 ? null : signal === null ? `exit status ${status}` : signal),
      );
      child.unref();
    } catch (error) {
      ended(errorText(error));
    }
  }

  /** Reports the first failure, and the next one only after a success. */
  #reportFailure(program: string, notified: Notified, failure: string | null): void {
    if (failure !== null && !notified.failing) {
      this.#report(SEVERITY.warning, `notify "${program}" failed: ${failure}`);
    }
    notified.failing = failure !== null;
  }
}
