/**
 * The addresses of one forwarding target, kept up to date: looked up with growing pauses until the name is resolved,
 * and again every few minutes, to follow a host that moves. Nothing waits for an answer.
 */
import { isIP } from 'node:net';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import type { HostAddress, HostLookup } from './host-lookup.ts';

/** Pauses in milliseconds. */
export interface LookupPauses {
  /** After the first failure; doubled after each further one. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** After a success. */
  readonly refreshMs: number;
}

export const LOOKUP_PAUSES: LookupPauses = { retryMs: 2000, retryMaxMs: 60_000, refreshMs: 300_000 };

/** @returns the place where this daemon itself receives what is sent to `to`; null: it is another host */
export type FindOwnPlace = (to: InetAddress, iface: string | null) => string | null;

export interface TargetEvents {
  /** Called with every answer, whether or not it has changed. */
  readonly resolved: (addresses: readonly HostAddress[]) => void;
  readonly failed: (error: Error) => void;
  /** The place where what is sent to the address comes back; null: none. Such addresses are left out. */
  readonly ownPlace: (address: HostAddress) => string | null;
  /** Called instead of `resolved` if no other address is left. */
  readonly looping: (place: string) => void;
}

export class TargetAddresses {
  readonly #host: string;
  readonly #family: 4 | 6 | null;
  readonly #lookup: HostLookup;
  readonly #pauses: LookupPauses;
  readonly #events: TargetEvents;
  #state: 'idle' | 'asking' | 'waiting' | 'stopped' = 'idle';
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  /** When the timer fires, performance.now(). */
  #dueMs = 0;

  /** @param host a name, or a numeric address with or without scope */
  constructor(
    host: string,
    family: 4 | 6 | null,
    lookup: HostLookup,
    events: TargetEvents,
    pauses: LookupPauses = LOOKUP_PAUSES,
  ) {
    this.#host = host;
    this.#family = family;
    this.#lookup = lookup;
    this.#events = events;
    this.#pauses = pauses;
  }

  get asking(): boolean {
    return this.#state === 'asking';
  }

  /** Looks up now. For a numeric address the answer comes before this returns. */
  ask(): void {
    if (this.#state === 'asking' || this.#state === 'stopped') return;
    this.#disarm();
    const numeric = isIP(this.#host);
    if (numeric !== 0) {
      this.#numeric(numeric === 6 ? 6 : 4);
      return;
    }
    this.#state = 'asking';
    this.#lookup.ask(this.#host, this.#family, (error, addresses) => {
      if (this.#state === 'stopped') return;
      if (error === null) {
        this.#wait(this.#pauses.refreshMs);
        this.#failures = 0;
        this.#found(addresses);
      } else {
        this.#wait(Math.min(this.#pauses.retryMs * 2 ** this.#failures, this.#pauses.retryMaxMs));
        this.#failures = Math.min(this.#failures + 1, 30);
        this.#events.failed(error);
      }
    });
  }

  /** The known addresses do not work: looks up sooner. */
  doubt(): void {
    const soonMs = this.#pauses.retryMaxMs / 4;
    if (this.#state === 'waiting' && this.#dueMs - performance.now() > soonMs) this.#wait(soonMs);
  }

  stop(): void {
    this.#state = 'stopped';
    this.#disarm();
  }

  #numeric(family: 4 | 6): void {
    this.#wait(this.#pauses.refreshMs);
    if (this.#family !== null && this.#family !== family)
      this.#events.failed(new Error(`IPv${family} is disabled on the command line`));
    else this.#found([{ family, address: this.#host }]);
  }

  #found(addresses: readonly HostAddress[]): void {
    const places = addresses.map((address) => this.#events.ownPlace(address));
    const others = addresses.filter((_, idx) => places[idx] === null);
    const own = places.find((place) => place !== null);
    if (others.length > 0 || own === undefined) this.#events.resolved(others);
    else this.#events.looping(own);
  }

  #wait(pauseMs: number): void {
    this.#disarm();
    this.#state = 'waiting';
    this.#dueMs = performance.now() + pauseMs;
    this.#timer = setTimeout(() => this.ask(), pauseMs);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#state === 'waiting') this.#state = 'idle';
  }
}
