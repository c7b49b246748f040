/**
 * Syslog over UDP: all addresses that one `-b` or `listen` names. Source: RFC 5426 §3.
 *
 * `*` is two sockets, one for each family. Addresses that cannot be bound and names that cannot be resolved are
 * retried; each failure and each recovery is logged once. Nothing is ever sent from these sockets.
 */
import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { ListenAddress } from '../../conf/config.ts';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import {
  createInputCounters,
  type InputCounters,
  type InputState,
  type NetworkInput,
  type NetworkPlace,
} from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import type { InputContext, UdpOpener } from '../transport.ts';
import { UdpEndpoint } from './udp-endpoint.ts';

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
  /** What the host name was resolved to by the process that bound these sockets; none: it is not known yet. */
  readonly resolved?: readonly string[];
}

export class UdpInput implements NetworkInput {
  readonly kind = 'udp';
  readonly label: string;
  readonly counters: InputCounters = createInputCounters();
  readonly #options: UdpOptions;
  readonly #port: number;
  #endpoints: readonly UdpEndpoint[] = [];
  #paused: boolean;
  #closed = false;
  #unresolved: NodeJS.Timeout | null = null;
  #resolveFailed = false;
  #frozen = false;
  /** Tasks that were due while frozen. */
  readonly #missed: (() => void)[] = [];

  /** With the batch receiver, numeric addresses are bound on return if they can be. Never throws. */
  constructor(options: UdpOptions) {
    const { listen, family } = options;
    this.#options = options;
    this.#paused = options.paused;
    this.#port = listen.port ?? SYSLOG_UDP_PORT;
    const { host } = listen;
    this.label = labelOf(host ?? '*', this.#port);
    if (host === null) this.#openAll(['0.0.0.0', '::'].filter((address) => isFamily(address, family)));
    else if (isIP(host) !== 0) this.#openAll([host]);
    else {
      // Bound at once, so that nobody else has to hold these sockets while the name is looked up again.
      this.#openAll(options.resolved ?? []);
      this.#resolve(host);
    }
  }

  get state(): InputState {
    if (this.#closed) return 'closed';
    const states = this.#present.map(({ state }) => state);
    if (this.#resolveFailed || states.includes('retrying')) return 'retrying';
    return states.length > 0 && states.every((state) => state === 'open') ? 'open' : 'opening';
  }

  /** The addresses that are bound, with the ports that the kernel chose. */
  get addresses(): readonly InetAddress[] {
    return this.#endpoints.flatMap(({ bound }) => bound ?? []);
  }

  get places(): readonly NetworkPlace[] {
    const { iface } = this.#options.listen;
    return this.#present.map(({ to, bound }) => ({ to: bound ?? to, iface, dual: false, open: bound !== null }));
  }

  get #present(): readonly UdpEndpoint[] {
    return this.#endpoints.filter(({ state }) => state !== 'absent');
  }

  pause(): void {
    this.#paused = true;
    for (const endpoint of this.#endpoints) endpoint.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const endpoint of this.#endpoints) endpoint.resume();
  }

  /** See {@link UdpEndpoint.retryNow}. */
  retryNow(): void {
    for (const endpoint of this.#endpoints) endpoint.retryNow();
  }

  openSockets(): readonly OpenSocket[] {
    return this.#closed ? [] : this.#endpoints.flatMap((endpoint) => endpoint.openSockets());
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (!frozen) for (const task of this.#missed.splice(0)) this.#unlessFrozen(task);
  }

  leave(): void {
    this.#end();
    for (const endpoint of this.#endpoints) endpoint.leave();
  }

  close(): void {
    this.#end();
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  #end(): void {
    this.#closed = true;
    if (this.#unresolved !== null) clearTimeout(this.#unresolved);
  }

  /** Runs a task that makes sockets: now, or once the input is no longer frozen. */
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
      if (this.#resolveFailed) this.#report(SEVERITY.notice, `${this.label}: "${host}" is now resolved`);
      this.#resolveFailed = false;
      this.#openAll([...new Set(found.map(({ address }) => address))]);
      return;
    }
    const first = !this.#resolveFailed;
    this.#resolveFailed = true;
    if (first) {
      const why = error === null ? 'no address' : errorText(error);
      this.#report(SEVERITY.warning, `cannot resolve "${host}" for ${this.label}: ${why}: retrying`);
      this.#options.context.events.listening?.();
    }
    this.#unresolved = setTimeout(() => this.#resolve(host), this.#options.retryMs).unref();
  }

  /** Those that are there already stay as they are. */
  #openAll(addresses: readonly string[]): void {
    const known = new Set(this.#endpoints.map(({ to }) => to.address));
    const added = addresses.filter((address) => !known.has(address)).map((address) => this.#endpointAt(address));
    this.#endpoints = [...this.#endpoints, ...added];
    for (const endpoint of added) endpoint.open();
  }

  #endpointAt(address: string): UdpEndpoint {
    const { listen, opener, context, retryMs } = this.#options;
    const only = this.#options.family;
    const family = isIP(address) === 6 ? 6 : 4;
    return new UdpEndpoint({
      to: { family, address, port: this.#port, scopeId: 0 },
      iface: listen.iface,
      host: listen.host === null || isIP(listen.host) !== 0 ? null : listen.host,
      label: labelOf(address, this.#port),
      opener,
      context,
      counters: this.counters,
      paused: this.#paused,
      retryMs,
      // A kernel without IPv6 is not an error where every address is meant, and one of IPv4 remains.
      optional: listen.host === null && family === 6 && only === null,
      whenAllowed: (task) => this.#unlessFrozen(task),
    });
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
