/**
 * One daemon under measurement: started in a fresh folder, warmed up, loaded, ended, its folder removed.
 *
 * Message numbers continue through the whole session, so that the files of one load start where the last one ended.
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_BYTES, loopback, Sender, type Target } from '../load/sender.ts';
import { Running } from './command.ts';
import type { Daemon, Setup } from './daemon.ts';
import { type Kept, readKept } from './kept-lines.ts';
import { type LoadReport, runLoad } from './load-run.ts';
import { type MachineShares, machineShares, machineUse, type MachineUse, peakRssKib, processUse } from './proc.ts';
import type { Layout } from './rules.ts';

const POLL_MS = 5;
/** Files that do not grow for this long are finished. */
export const QUIET_MS = 250;
const READY_MS = 20_000;
const READY_RETRY_MS = 50;

/** The result of one load. */
export interface LoadResult extends Kept, MachineShares {
  readonly sent: number;
  /** From the first send to the last write to a file, ms. */
  readonly elapsedMs: number;
  readonly messagesPerSec: number;
  readonly cpuUsPerMessage: number;
  readonly userUsPerMessage: number;
  readonly systemUsPerMessage: number;
  readonly peakRssKib: number;
  readonly sender: LoadReport;
}

/** What to send: {@link Session.load}. */
export interface LoadOptions {
  readonly way: 'log' | 'udp';
  readonly count: number;
  /** Size of each message, bytes. */
  readonly bytes: number;
  /** Messages per second, null: full speed. */
  readonly rate: number | null;
  /** Time limit for sending; null: none. */
  readonly seconds: number | null;
  /** Files that do not grow for this long are finished, ms. */
  readonly quietMs?: number | undefined;
}

/** Inputs of a session. */
export interface Inputs {
  readonly log: boolean;
  readonly udp: boolean;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

export class Session {
  readonly setup: Setup;
  readonly #running: Running;
  readonly #inputs: Inputs;
  #next = 0;

  private constructor(setup: Setup, running: Running, inputs: Inputs) {
    this.setup = setup;
    this.#running = running;
    this.#inputs = inputs;
    process.on('exit', this.#cleanUp);
  }

  /**
   * Starts a daemon and waits until a message comes through each of its inputs.
   *
   * @throws Error with the daemon's own words if it does not get ready
   */
  static async start(daemon: Daemon, layout: Layout, inputs: Inputs): Promise<Session> {
    const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-bench-'));
    const port = inputs.udp ? await freePort() : null;
    const setup: Setup = { dir, socket: join(dir, 'log'), port, layout };
    const configFile = join(dir, 'conf');
    writeFileSync(configFile, daemon.config(setup));
    const running = await Running.start(daemon.command(setup, configFile), dir);
    const session = new Session(setup, running, inputs);
    await session.#ready();
    return session;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** Takes the next unused number. */
  takeNumber(): number {
    return this.#next++;
  }

  /** Path of the file that gets the most messages. */
  get mainFile(): string {
    const main = this.setup.layout.rules.find((rule) => rule.selector.startsWith('*.*'));
    return join(this.setup.dir, main?.file ?? '');
  }

  /** @returns a sender to one of the inputs */
  sender(way: 'log' | 'udp'): Sender {
    const { socket, port } = this.setup;
    const target: Target = way === 'log' || port === null ? { kind: 'unix', path: socket } : loopback(port);
    return new Sender(target, DEFAULT_BYTES, this.setup.layout.kinds);
  }

  /** Sends a load and measures until the files are still. */
  async load({ way, quietMs, ...load }: LoadOptions): Promise<LoadResult> {
    const { dir, layout, socket, port } = this.setup;
    const { rules, spread } = layout;
    const first = this.#next;
    this.#next += load.count;
    const offsets = new Map(rules.map((rule) => [rule.file, this.#size(rule.file)]));
    const before = { process: processUse(this.pid), machine: machineUse(), own: process.cpuUsage() };
    const sender = await runLoad({ socket, port: way === 'udp' ? port : null, first, spread, ...load });
    const machine = await this.#settle(quietMs);
    if (!this.#running.alive) throw new Error(`it ended under load: ${this.#running.stderr}`);
    const after = processUse(this.pid);
    const own = process.cpuUsage(before.own);
    const cpuUs = after.cpuUs - before.process.cpuUs;
    const lastWriteMs = Math.max(...rules.map((rule) => this.#writtenMs(rule.file)));
    const elapsedMs = lastWriteMs - sender.startedMs;
    const kept = readKept(dir, layout, offsets, { first, count: sender.sent });
    const messages = kept.expected === 0 ? 0 : (sender.sent * kept.kept) / kept.expected;
    return {
      ...kept,
      sent: sender.sent,
      elapsedMs,
      messagesPerSec: (messages * 1000) / elapsedMs,
      cpuUsPerMessage: cpuUs / messages,
      userUsPerMessage: (after.userUs - before.process.userUs) / messages,
      systemUsPerMessage: (after.systemUs - before.process.systemUs) / messages,
      peakRssKib: peakRssKib(this.pid),
      ...machineShares(before.machine, machine, cpuUs + sender.wholeCpuUs + own.user + own.system),
      sender,
    };
  }

  async end(): Promise<void> {
    await this.#running.end();
    process.off('exit', this.#cleanUp);
    this.#cleanUp();
  }

  /** Also runs when the bench itself is killed. */
  readonly #cleanUp = (): void => {
    if (this.#running.alive) process.kill(this.pid, 'SIGKILL');
    rmSync(this.setup.dir, { recursive: true, force: true });
  };

  async #ready(): Promise<void> {
    try {
      if (this.#inputs.log) await this.#comesThrough('log');
      if (this.#inputs.udp) await this.#comesThrough('udp');
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async #comesThrough(way: 'log' | 'udp'): Promise<void> {
    const deadline = performance.now() + READY_MS;
    const size = this.#totalSize();
    while (this.#totalSize() === size) {
      if (!this.#running.alive) throw new Error(`it ended at once: ${this.#running.stderr}`);
      if (performance.now() > deadline) throw new Error(`no message came through in time: ${this.#running.stderr}`);
      this.#trySend(way);
      await delay(READY_RETRY_MS);
    }
    await this.#settle();
  }

  /** The input may not be there yet. */
  #trySend(way: 'log' | 'udp'): void {
    if (way === 'log' && !existsSync(this.setup.socket)) return;
    try {
      const sender = this.sender(way);
      sender.send(this.takeNumber(), 1);
      sender.close();
    } catch {
      // Not bound yet: the next attempt will tell.
    }
  }

  /** Waits until no file has grown for a while. @returns the machine's use at the last growth */
  async #settle(quietMs = QUIET_MS): Promise<MachineUse> {
    let machine = machineUse();
    let last = this.#totalSize();
    let stillSince = performance.now();
    while (performance.now() - stillSince < quietMs) {
      await delay(POLL_MS);
      const now = this.#totalSize();
      if (now === last) continue;
      last = now;
      stillSince = performance.now();
      machine = machineUse();
    }
    return machine;
  }

  #totalSize(): number {
    return this.setup.layout.rules.reduce((sum, rule) => sum + this.#size(rule.file), 0);
  }

  #size(file: string): number {
    return statSync(join(this.setup.dir, file), { throwIfNoEntry: false })?.size ?? 0;
  }

  #writtenMs(file: string): number {
    return statSync(join(this.setup.dir, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }
}
