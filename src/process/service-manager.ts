/**
 * Notifies the service manager that started the daemon of its state: ready, reloading, ending, alive, and a line for
 * people. Source: sd_notify(3), sd_watchdog_enabled(3). Does nothing without a manager.
 */
import { NotifySocket } from '../sys/socket/notify-socket.ts';
import { visibleText } from '../sys/print/visible-text.ts';

const USEC_PER_MS = 1000;
/** systemd ignores a datagram of more than 4096 bytes; a character takes up to three. */
const STATUS_MAX = 1000;

/** Settings from the manager. */
interface ManagerSettings {
  readonly socket: string | null;
  /** Interval of the watchdog notifications that the manager expects; 0: it expects none. */
  readonly watchdogMs: number;
}

function readSettings(env: NodeJS.ProcessEnv): ManagerSettings {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  const isMine = pid === undefined || Number(pid) === process.pid;
  const watchdogMs = isMine && usec !== undefined ? Number(usec) / USEC_PER_MS : 0;
  return { socket: socket ?? null, watchdogMs: Number.isFinite(watchdogMs) ? watchdogMs : 0 };
}

export class ServiceManager {
  readonly #settings: ManagerSettings;
  readonly #socket: NotifySocket | null;
  /** The line for people changes only in `running`. */
  #state: 'starting' | 'running' | 'reloading' | 'ending' = 'starting';
  #status = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#settings = readSettings(env);
    const { socket } = this.#settings;
    this.#socket = socket === null ? null : new NotifySocket(socket);
  }

  /** Removes the variables from the environment: programs started from now on must not inherit them. */
  take(env: NodeJS.ProcessEnv = process.env): void {
    delete env['NOTIFY_SOCKET'];
    delete env['WATCHDOG_USEC'];
    delete env['WATCHDOG_PID'];
  }

  /** Everything is bound and loaded; watchdog notifications start. */
  ready(status: string): void {
    this.#state = 'running';
    this.#status = status;
    this.#send('READY=1', statusLine(status), `MAINPID=${process.pid}`);
    const { socket, watchdogMs } = this.#settings;
    if (socket === null || watchdogMs <= 0 || this.#timer !== null) return;
    this.#timer = setInterval(() => this.#send('WATCHDOG=1'), Math.max(1, Math.floor(watchdogMs / 2)));
  }

  /** The state in a line, possibly the same as before. */
  status(text: string): void {
    if (this.#state !== 'running' || text === this.#status) return;
    this.#status = text;
    this.#send(statusLine(text));
  }

  /** What the process that takes over must find in its environment. */
  environment(): NodeJS.ProcessEnv {
    const { socket, watchdogMs } = this.#settings;
    if (socket === null) return {};
    const watchdog = watchdogMs > 0 ? { WATCHDOG_USEC: String(watchdogMs * USEC_PER_MS) } : {};
    return { NOTIFY_SOCKET: socket, ...watchdog };
  }

  /** Another process is the service from now on; must be sent by the old one. */
  replacedBy(pid: number): void {
    this.#state = 'ending';
    this.#send(`MAINPID=${pid}`);
    this.#stopTimer();
  }

  reloading(): void {
    this.#state = 'reloading';
    const usec = process.hrtime.bigint() / 1000n;
    this.#send('RELOADING=1', `MONOTONIC_USEC=${usec}`, 'STATUS=reloading');
  }

  ending(): void {
    this.#state = 'ending';
    this.#send('STOPPING=1', 'STATUS=writing remaining messages');
    this.#stopTimer();
  }

  /** The last notification: how it ended, or why it does not start. */
  ended(status: string): void {
    this.#state = 'ending';
    this.#send(statusLine(status));
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #send(...lines: readonly string[]): void {
    this.#socket?.send(lines.join('\n'));
  }
}

function statusLine(text: string): string {
  const line = visibleText(text.trimEnd());
  return `STATUS=${line.length > STATUS_MAX ? `${line.slice(0, STATUS_MAX - 1)}…` : line}`;
}
