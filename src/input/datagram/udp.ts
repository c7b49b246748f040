/**
 * Syslog over UDP: all addresses that one `-b` or `listen` names. Source: RFC 5426 §3.
 *
 * `*` is two sockets, one for each family. An address that cannot be bound yet, and a name that cannot be resolved
 * yet, is tried again; each failure is told once, and its end. Nothing is sent from here.
 */
import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { ListenAddress } from '../../conf/config.ts';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import {
  createInputCounters,
  type InputCounters,
  type InputState,
  type NetworkInput,
  type NetworkPlace,
} from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import type { InputContext, Transport, UdpOpener, UdpOpenResult } from '../transport.ts';

/** Between two attempts. */
export const UDP_RETRY_MS = 2000;

export interface UdpOptions {
  readonly listen: ListenAddress;
  /** Only this family, or both. */
  readonly family: 4 | 6 | null;
  readonly opener: UdpOpener;
  readonly context: InputContext;
  readonly paused: boolean;
  readonly retryMs: number;
}

/** One socket of the input, open or not. */
interface Endpoint {
  readonly to: InetAddress;
  readonly label: string;
  /** Null: not open. */
  transport: Transport | null;
  /** As the kernel bound it. */
  bound: InetAddress | null;
  failed: boolean;
  retry: NodeJS.Timeout | null;
}

export class UdpInput implements NetworkInput {
  readonly kind = 'udp';
  readonly label: string;
  readonly counters: InputCounters = createInputCounters();
  readonly #options: UdpOptions;
  readonly #port: number;
  #endpoints: readonly Endpoint[] = [];
  #paused: boolean;
  #closed = false;
  #unresolved: NodeJS.Timeout | null = null;
  #resolveFailed = false;
  #frozen = false;
  /** What was due while frozen. */
  readonly #missed: (() => void)[] = [];

  /** Numeric addresses that can be bound are open on return, with the batch receiver. Throws nothing. */
  constructor(options: UdpOptions) {
    const { listen, family } = options;
    this.#options = options;
    this.#paused = options.paused;
    this.#port = listen.port ?? SYSLOG_UDP_PORT;
    const { host } = listen;
    this.label = labelOf(host ?? '*', this.#port);
    if (host === null) this.#openAll(['0.0.0.0', '::'].filter((address) => isFamily(address, family)));
    else if (isIP(host) !== 0) this.#openAll([host]);
    else this.#resolve(host);
  }

  get state(): InputState {
    if (this.#closed) return 'closed';
    if (this.#resolveFailed || this.#endpoints.some((endpoint) => endpoint.failed)) return 'retrying';
    const open = this.#endpoints.length > 0 && this.#endpoints.every((endpoint) => endpoint.transport !== null);
    return open ? 'open' : 'opening';
  }

  /** Where it is bound, with the ports that the kernel chose. */
  get addresses(): readonly InetAddress[] {
    return this.#endpoints.flatMap((endpoint) => endpoint.bound ?? []);
  }

  get places(): readonly NetworkPlace[] {
    const { iface } = this.#options.listen;
    return this.#endpoints.map(({ to, bound }) => ({ to: bound ?? to, iface, dual: false, open: bound !== null }));
  }

  pause(): void {
    this.#paused = true;
    for (const endpoint of this.#endpoints) endpoint.transport?.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const endpoint of this.#endpoints) endpoint.transport?.resume();
  }

  openSockets(): readonly OpenSocket[] {
    const { iface } = this.#options.listen;
    if (this.#closed) return [];
    return this.#endpoints.flatMap(({ to, transport }) => {
      const shared = transport?.shared ?? null;
      return shared === null ? [] : [{ record: { kind: 'udp', to, iface }, shared }];
    });
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (frozen) return;
    for (const task of this.#missed.splice(0)) task();
  }

  leave(): void {
    for (const transport of this.#end()) transport.shared?.leave();
  }

  close(): void {
    for (const transport of this.#end()) transport.close();
  }

  /** @returns what is still open */
  #end(): readonly Transport[] {
    if (this.#closed) return [];
    this.#closed = true;
    if (this.#unresolved !== null) clearTimeout(this.#unresolved);
    for (const { retry } of this.#endpoints) if (retry !== null) clearTimeout(retry);
    return this.#endpoints.flatMap(({ transport }) => transport ?? []);
  }

  /** Runs a task that makes sockets, at once or as soon as that is allowed. */
  #unlessFrozen(task: () => void): void {
    if (this.#frozen) this.#missed.push(task);
    else if (!this.#closed) task();
  }

  #resolve(host: string): void {
    lookup(host, { all: true, family: this.#options.family ?? 0 }, (error, found) =>
      this.#unlessFrozen(() => this.#resolved(host, error, found)),
    );
  }

  #resolved(host: string, error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]): void {
    if (error === null && found.length > 0) {
      if (this.#resolveFailed) this.#report(SEVERITY.notice, `${this.label}: "${host}" is resolved now`);
      this.#resolveFailed = false;
      this.#openAll([...new Set(found.map(({ address }) => address))]);
      return;
    }
    const first = !this.#resolveFailed;
    this.#resolveFailed = true;
    if (first) {
      const why = error === null ? 'no address' : errorText(error);
      this.#report(SEVERITY.warning, `cannot resolve "${host}" for ${this.label}: ${why}: trying again`);
      this.#options.context.events.listening?.();
    }
    this.#unresolved = setTimeout(() => this.#resolve(host), this.#options.retryMs).unref();
  }

  #openAll(addresses: readonly string[]): void {
    this.#endpoints = addresses.map((address): Endpoint => {
      const to: InetAddress = { family: isIP(address) === 6 ? 6 : 4, address, port: this.#port, scopeId: 0 };
      return { to, label: labelOf(address, this.#port), transport: null, bound: null, failed: false, retry: null };
    });
    for (const endpoint of this.#endpoints) this.#open(endpoint);
  }

  #open(endpoint: Endpoint): void {
    const { opener, context, listen } = this.#options;
    const { to, label } = endpoint;
    const request = { to, iface: listen.iface, label, context, counters: this.counters, paused: this.#paused };
    opener(request, (result) => this.#opened(endpoint, result));
  }

  #opened(endpoint: Endpoint, result: UdpOpenResult): void {
    if (!result.ok) {
      if (!this.#closed) this.#cannotOpen(endpoint, result.error);
      return;
    }
    if (this.#closed) {
      result.transport.close();
      return;
    }
    if (this.#paused) result.transport.pause();
    else result.transport.resume();
    endpoint.transport = result.transport;
    endpoint.bound = result.address;
    if (endpoint.failed) this.#report(SEVERITY.notice, `listening on ${endpoint.label} now`);
    endpoint.failed = false;
    this.#options.context.events.listening?.();
  }

  #cannotOpen(endpoint: Endpoint, error: unknown): void {
    // A kernel without IPv6 is no fault where "all addresses" was meant.
    if (this.#options.listen.host === null && endpoint.to.family === 6 && isNoSuchFamily(error)) {
      this.#endpoints = this.#endpoints.filter((other) => other !== endpoint);
      this.#options.context.events.listening?.();
      return;
    }
    const first = !endpoint.failed;
    endpoint.failed = true;
    if (first) {
      this.#report(SEVERITY.warning, `cannot listen on ${endpoint.label}: ${errorText(error)}: trying again`);
      this.#options.context.events.listening?.();
    }
    endpoint.retry = setTimeout(() => this.#unlessFrozen(() => this.#open(endpoint)), this.#options.retryMs).unref();
  }

  #report(severity: number, text: string): void {
    this.#options.context.events.report(severity, text);
  }
}

/** @returns e.g. `UDP 127.0.0.1:514`, `UDP [::1]:514` */
function labelOf(host: string, port: number): string {
  return host.includes(':') ? `UDP [${host}]:${port}` : `UDP ${host}:${port}`;
}

function isFamily(address: string, family: 4 | 6 | null): boolean {
  return family === null || isIP(address) === family;
}

function isNoSuchFamily(error: unknown): boolean {
  return errorCode(error) === 'EAFNOSUPPORT';
}
