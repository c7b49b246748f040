/**
 * Tells the service manager that started the daemon how it is: ready, reloading, ending, alive.
 * Source: sd_notify(3), sd_watchdog_enabled(3). Without a manager nothing is done.
 */
import { NotifySocket } from '../sys/notify-socket.ts';

const USEC_PER_MS = 1000;

/** What the manager handed over; taken out of the environment, so that commands do not inherit it. */
interface ManagerSettings {
  readonly socket: string | null;
  /** Between two signs of life that the manager waits for; 0: it waits for none. */
  readonly watchdogMs: number;
}

function takeSettings(env: NodeJS.ProcessEnv): ManagerSettings {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  delete env['NOTIFY_SOCKET'];
  delete env['WATCHDOG_USEC'];
  delete env['WATCHDOG_PID'];
  const isMine = pid === undefined || Number(pid) === process.pid;
  const watchdogMs = isMine && usec !== undefined ? Number(usec) / USEC_PER_MS : 0;
  return { socket: socket ?? null, watchdogMs: Number.isFinite(watchdogMs) ? watchdogMs : 0 };
}

export class ServiceManager {
  readonly #settings: ManagerSettings;
  readonly #socket: NotifySocket | null;
  #timer: NodeJS.Timeout | null = null;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#settings = takeSettings(env);
    const { socket } = this.#settings;
    this.#socket = socket === null ? null : new NotifySocket(socket);
  }

  /** Everything is bound and loaded; from now on signs of life are sent. */
  ready(status: string): void {
    this.#send('READY=1', `STATUS=${status}`, `MAINPID=${process.pid}`);
    const { socket, watchdogMs } = this.#settings;
    if (socket === null || watchdogMs <= 0 || this.#timer !== null) return;
    this.#timer = setInterval(() => this.#send('WATCHDOG=1'), Math.max(1, Math.floor(watchdogMs / 2)));
  }

  /** What the process that takes over has to find in its environment. */
  environment(): NodeJS.ProcessEnv {
    const { socket, watchdogMs } = this.#settings;
    if (socket === null) return {};
    const watchdog = watchdogMs > 0 ? { WATCHDOG_USEC: String(watchdogMs * USEC_PER_MS) } : {};
    return { NOTIFY_SOCKET: socket, ...watchdog };
  }

  /** Another process is the service from now on: to be said by the one that was. */
  replacedBy(pid: number): void {
    this.#send(`MAINPID=${pid}`);
    this.#stopTimer();
  }

  reloading(): void {
    const usec = process.hrtime.bigint() / 1000n;
    this.#send('RELOADING=1', `MONOTONIC_USEC=${usec}`, 'STATUS=reloading');
  }

  ending(): void {
    this.#send('STOPPING=1', 'STATUS=writing what is left');
    this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #send(...lines: readonly string[]): void {
    this.#socket?.send(lines.join('\n'));
  }
}
