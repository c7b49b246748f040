/**
 * The life of one UDP socket. One that cannot be bound is retried; the first failure and the recovery are logged.
 *
 * | state      | bound        | cannot be bound    | no such family | leave, close |
 * | ---------- | ------------ | ------------------ | -------------- | ------------ |
 * | `opening`  | `open`       | `retrying`, logged | `absent`       | `closed`     |
 * | `retrying` | `open`, logged | `retrying`       | `absent`       | `closed`     |
 * | `closed`   | closed again | -                  | -              | -            |
 *
 * An `absent` socket is not retried: the kernel has no IPv6, and every address was meant.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import type { InputCounters, InputState } from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import type { InputContext, Transport, UdpOpener, UdpOpenResult } from '../transport.ts';

export interface EndpointOptions {
  readonly to: InetAddress;
  readonly iface: string | null;
  /** As in {@link SocketRecord}. */
  readonly host: string | null;
  /** As the log names it: `UDP 127.0.0.1:514`. */
  readonly label: string;
  readonly opener: UdpOpener;
  readonly context: InputContext;
  readonly counters: InputCounters;
  readonly paused: boolean;
  readonly retryMs: number;
  /** A kernel without its family is not an error. */
  readonly optional: boolean;
  /** Runs a task that makes a socket: now, later or never. */
  readonly whenAllowed: (task: () => void) => void;
}

export class UdpEndpoint {
  readonly #options: EndpointOptions;
  #state: InputState | 'absent' = 'opening';
  #paused: boolean;
  #transport: Transport | null = null;
  #bound: InetAddress | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#paused = options.paused;
  }

  get state(): InputState | 'absent' {
    return this.#state;
  }

  /** The address as configured. */
  get to(): InetAddress {
    return this.#options.to;
  }

  /** The address that the kernel bound; null: none so far. */
  get bound(): InetAddress | null {
    return this.#bound;
  }

  /** Binds the socket, with the batch receiver before it returns. Never throws. */
  open(): void {
    const { to, iface, label, opener, context, counters } = this.#options;
    const request = { to, iface, label, context, counters, paused: this.#paused };
    opener(request, (result) => this.#tried(result));
  }

  /** What may have been in the way is gone: does not wait for the next attempt. */
  retryNow(): void {
    if (this.#retry === null) return;
    clearTimeout(this.#retry);
    this.#tryAgain();
  }

  pause(): void {
    this.#paused = true;
    this.#transport?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#transport?.resume();
  }

  openSockets(): readonly OpenSocket[] {
    const { to, iface, host } = this.#options;
    const shared = this.#transport?.shared ?? null;
    return shared === null ? [] : [{ record: { kind: 'udp', to, iface, host }, shared }];
  }

  leave(): void {
    if (this.#end()) this.#transport?.shared?.leave();
  }

  close(): void {
    if (this.#end()) this.#transport?.close();
  }

  /** @returns whether it has not ended before */
  #end(): boolean {
    if (this.#state === 'closed') return false;
    this.#state = 'closed';
    if (this.#retry !== null) clearTimeout(this.#retry);
    return true;
  }

  #tried(result: UdpOpenResult): void {
    // It was closed in the meantime.
    if (this.#state === 'closed') {
      if (result.ok) result.transport.close();
    } else if (result.ok) this.#opened(result.transport, result.address);
    else this.#failed(result.error);
  }

  #opened(transport: Transport, address: InetAddress): void {
    const wasRetrying = this.#state === 'retrying';
    this.#state = 'open';
    if (this.#paused) transport.pause();
    else transport.resume();
    this.#transport = transport;
    this.#bound = address;
    if (wasRetrying) this.#report(SEVERITY.notice, `now listening on ${this.#options.label}`);
    this.#options.context.events.listening?.();
  }

  #failed(error: unknown): void {
    const { context, label, optional, retryMs } = this.#options;
    const first = this.#state === 'opening';
    if (optional && errorCode(error) === 'EAFNOSUPPORT') {
      this.#state = 'absent';
      context.events.listening?.();
      return;
    }
    this.#state = 'retrying';
    this.#retry = setTimeout(() => this.#tryAgain(), retryMs).unref();
    if (!first) return;
    this.#report(SEVERITY.warning, `cannot listen on ${label}: ${errorText(error)}: retrying`);
    context.events.listening?.();
  }

  #tryAgain(): void {
    this.#retry = null;
    this.#options.whenAllowed(() => this.open());
  }

  #report(severity: number, text: string): void {
    this.#options.context.events.report(severity, text);
  }
}
