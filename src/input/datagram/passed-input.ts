/**
 * A socket bound and passed by the service manager: read like the daemon's own, but never removed from the file system
 * and never made again. Source: sd_listen_fds(3).
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { PassedSocket } from '../../sys/socket/passed-socket.ts';
import {
  createInputCounters,
  type InputCounters,
  type InputKind,
  type InputState,
  type NetworkInput,
  type NetworkPlace,
} from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import type { InputContext, SocketAdopter, Transport, UdpOpenResult } from '../transport.ts';

export interface PassedInputOptions {
  readonly socket: Exclude<PassedSocket, { readonly kind: 'other' }>;
  /** Its name in the service manager; may be empty. */
  readonly name: string;
  readonly adopter: SocketAdopter;
  readonly context: InputContext;
  readonly paused: boolean;
}

export class PassedInput implements NetworkInput {
  readonly label: string;
  readonly kind: InputKind;
  readonly counters: InputCounters = createInputCounters();
  readonly #options: PassedInputOptions;
  #state: InputState = 'opening';
  #paused: boolean;
  #transport: Transport | null = null;

  /** @throws InputError where the receiver cannot use this kind */
  constructor(options: PassedInputOptions) {
    const { socket, adopter, context } = options;
    this.label = passedLabel(socket, options.name);
    this.kind = socket.kind === 'local' ? 'log socket' : 'udp';
    this.#options = options;
    this.#paused = options.paused;
    if (socket.kind === 'local') {
      this.#transport = adopter.adoptLogSocket(socket.fd, this.label, context, this.counters, true).start(this.#paused);
      this.#state = 'open';
      return;
    }
    const { label, counters } = this;
    const request = { to: socket.address, iface: null, label, context, counters, paused: this.#paused };
    adopter.adoptUdp(socket.fd, request, (result) => this.#adopted(result));
  }

  /** Path of a log socket as it was bound; empty where there is none. */
  get path(): string {
    const { socket } = this.#options;
    return socket.kind === 'local' ? socket.path : '';
  }

  /** Null: a log socket. */
  get family(): 4 | 6 | null {
    const { socket } = this.#options;
    return socket.kind === 'udp' ? socket.address.family : null;
  }

  get places(): readonly NetworkPlace[] {
    const { socket } = this.#options;
    if (socket.kind !== 'udp' || this.#state === 'closed') return [];
    return [{ to: socket.address, iface: null, dual: socket.dual, open: this.#state === 'open' }];
  }

  get state(): InputState {
    return this.#state;
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
    const shared = this.#transport?.shared ?? null;
    return shared === null || this.#state !== 'open'
      ? []
      : [{ record: { kind: 'passed', name: this.#options.name }, shared }];
  }

  freeze(): void {}

  leave(): void {
    const transport = this.#state === 'open' ? this.#transport : null;
    this.#state = 'closed';
    if (transport?.shared === null) transport.close();
    else transport?.shared.leave();
  }

  /** Reads what is there. Later datagrams wait in the socket as long as the service manager keeps it. */
  close(): void {
    if (this.#state === 'open') this.#transport?.close();
    this.#state = 'closed';
  }

  #adopted(result: UdpOpenResult): void {
    if (!result.ok) {
      this.#state = 'closed';
      const text = `cannot use ${this.label} from the service manager: ${errorText(result.error)}`;
      this.#options.context.events.report(SEVERITY.err, text);
      this.#options.context.events.listening?.();
      return;
    }
    if (this.#state === 'closed') {
      result.transport.close();
      return;
    }
    this.#transport = result.transport;
    this.#state = 'open';
    if (this.#paused) result.transport.pause();
    else result.transport.resume();
    this.#options.context.events.listening?.();
  }
}

function passedLabel(socket: PassedInputOptions['socket'], name: string): string {
  if (socket.kind === 'local') return socket.path === '' ? `log socket ${name}`.trimEnd() : socket.path;
  const { address, port } = socket.address;
  return address.includes(':') ? `UDP [${address}]:${port}` : `UDP ${address}:${port}`;
}
