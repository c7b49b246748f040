/**
 * Debian's rsyslogd with its own configuration, in its own folder.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cleanUp, TestDaemon } from './daemon.ts';
import { PATIENCE_MS, until } from './until.ts';

/** Why there is none, or false. */
export function rsyslogMissing(): string | false {
  return spawnSync('rsyslogd', ['-v']).status === 0 ? false : 'rsyslogd is not installed';
}

/** Whether a process listens on 127.0.0.1. */
function isBound(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return readFileSync('/proc/net/udp', 'latin1').includes(` ${address}`);
}

export class Rsyslog {
  readonly dir: string;
  readonly #child: ChildProcess;
  #stderr = '';

  private constructor(dir: string, conf: string) {
    this.dir = dir;
    writeFileSync(join(dir, 'rsyslog.conf'), conf.replaceAll('DIR', dir));
    const args = ['-n', '-i', join(dir, 'rsyslog.pid'), '-f', join(dir, 'rsyslog.conf')];
    this.#child = spawn('rsyslogd', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param conf `DIR` stands for the folder
   * @param port UDP port to listen on; null: none
   */
  static async start(t: TestContext, conf: string, port: number | null = null): Promise<Rsyslog> {
    const rsyslog = new Rsyslog(
      TestDaemon.folder(t),
      `global(workDirectory="DIR" processInternalMessages="on")\n${conf}\n`,
    );
    const exited = once(rsyslog.#child, 'exit');
    cleanUp(t, async () => {
      rsyslog.#child.kill('SIGKILL');
      await exited;
    });
    await until(
      'rsyslogd is ready',
      () => existsSync(join(rsyslog.dir, 'rsyslog.pid')) && (port === null || isBound(port)),
      PATIENCE_MS,
      () => rsyslog.#stderr,
    );
    return rsyslog;
  }

  /** Waits until a file has this many lines. */
  async lines(name: string, count: number): Promise<readonly string[]> {
    const path = join(this.dir, name);
    const read = (): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []);
    await until(
      `${name} has ${count} lines`,
      () => read().length >= count,
      PATIENCE_MS,
      () => `${read().join('\n')}\n${this.#stderr}`,
    );
    return read();
  }
}
