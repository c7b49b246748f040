/**
 * Runs a command each time a compiler in watch mode has compiled without errors, and stops one that is still running
 * when files change.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

export interface WatchLoopOptions {
  /** Prints what `tsc --watch` prints. */
  readonly compiler: Command;
  readonly run: Command;
  readonly print: (line: string) => void;
}

/** What `tsc --watch` prints when it begins, and when it is done. */
const BEGIN = / - (?:File change detected\. )?Starting /;
const DONE = / - Found (\d+) errors?\. Watching for file changes\.$/;

export class WatchLoop {
  readonly #options: WatchLoopOptions;
  readonly #compiler: ChildProcess;
  #run: ChildProcess | null = null;
  #isClosed = false;

  constructor(options: WatchLoopOptions) {
    this.#options = options;
    const { program, args } = options.compiler;
    // In its own process group: everything the compiler has started ends with it.
    this.#compiler = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    if (this.#compiler.stdout !== null)
      createInterface({ input: this.#compiler.stdout }).on('line', (line) => this.#onLine(line));
  }

  /** Waits for the end of the compiler. @returns false: it ended by itself */
  async ended(): Promise<boolean> {
    await once(this.#compiler, 'exit');
    await this.#endRun();
    return this.#isClosed;
  }

  /** Ends the compiler and the running command. */
  close(): void {
    this.#isClosed = true;
    signalGroup(this.#compiler);
  }

  #onLine(line: string): void {
    if (BEGIN.test(line)) {
      this.#run?.kill('SIGTERM');
      return;
    }
    const errors = DONE.exec(line)?.[1];
    if (errors === undefined) {
      if (line.trim() !== '') this.#options.print(line);
    } else if (errors === '0') void this.#start();
    else this.#options.print('The tests run when there are no errors.');
  }

  async #start(): Promise<void> {
    await this.#endRun();
    if (this.#isClosed || this.#run !== null) return;
    const { program, args } = this.#options.run;
    const run = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    this.#run = run;
    const status = await new Promise<number | null>((resolve) => run.once('exit', (code) => resolve(code)));
    this.#run = null;
    if (status === 0) this.#options.print('Waiting for a change.');
  }

  /** A run ends its own children when it is told to end. */
  async #endRun(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    run.kill('SIGTERM');
    if (run.exitCode === null && run.signalCode === null) await once(run, 'exit');
  }
}

function signalGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
