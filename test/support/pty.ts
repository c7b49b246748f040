/**
 * A real terminal: a pty whose master a helper in python3 reads, or not.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { cleanUp } from './daemon.ts';
import { PATIENCE_MS, until } from './until.ts';

/** Keeps the slave open in raw mode, so that bytes arrive as written. */
const HELPER = `
import os, pty, select, sys, termios, tty
master, slave = pty.openpty()
tty.setraw(slave)
os.fchmod(slave, int(sys.argv[1], 8))
sys.stderr.write(os.ttyname(slave) + '\\n')
sys.stderr.flush()
reading = True
while True:
    ready = select.select([0] + ([master] if reading else []), [], [])[0]
    if master in ready:
        os.write(1, os.read(master, 65536))
    if 0 in ready:
        for command in os.read(0, 100).decode() or 'q':
            if command == 'q': sys.exit(0)
            if command == 'p': reading = False
            if command == 'r': reading = True
            if command == 'x': termios.tcflow(slave, termios.TCOOFF)
            if command == 'g': termios.tcflow(slave, termios.TCOON)
            sys.stderr.write('done ' + command + '\\n')
            sys.stderr.flush()
`;

/** Why there are no terminals here, or false. */
export function ptyMissing(): string | false {
  const tried = spawnSync('python3', ['-c', 'import pty; pty.openpty()']);
  return tried.status === 0 ? false : 'needs python3 and pseudo terminals';
}

export class Pty {
  /** `/dev/pts/N` */
  path = '';
  /** What was written to it and read from its master. */
  output = '';
  readonly #child: ChildProcess;
  #said = '';

  private constructor(mode: string) {
    this.#child = spawn('python3', ['-c', HELPER, mode], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('latin1').on('data', (text: string) => (this.output += text));
    this.#child.stderr?.setEncoding('latin1').on('data', (text: string) => (this.#said += text));
  }

  /** @param mode permission bits of the terminal, octal */
  static async open(context: TestContext, mode = '620'): Promise<Pty> {
    const pty = new Pty(mode);
    cleanUp(context, () => pty.hangUp());
    pty.path = await until('the terminal is open', () => /^(\/dev\/\S+)\n/.exec(pty.#said)?.[1]);
    return pty;
  }

  /** Stops reading the master. */
  pause(): Promise<void> {
    return this.#command('p');
  }

  resume(): Promise<void> {
    return this.#command('r');
  }

  /** As Ctrl-S does. */
  stop(): Promise<void> {
    return this.#command('x');
  }

  /** As Ctrl-Q does. */
  start(): Promise<void> {
    return this.#command('g');
  }

  async hangUp(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end('q');
    await gone;
  }

  /** Waits until the output matches. */
  shows(pattern: RegExp): Promise<RegExpExecArray> {
    return until(
      `${this.path} shows ${pattern}`,
      () => pattern.exec(this.output) ?? undefined,
      PATIENCE_MS,
      () => JSON.stringify(this.output.slice(-2000)),
    );
  }

  async #command(letter: string): Promise<void> {
    const before = this.#said.length;
    this.#child.stdin?.write(letter);
    await until('the helper has done it', () => this.#said.slice(before).includes(`done ${letter}`));
  }
}
