/**
 * Names of addresses by c-ares, which asks in the background and takes no thread: getaddrinfo and getnameinfo
 * would, and a few slow name servers would then stop every file operation of the daemon.
 *
 * An answer is what some stranger's name server says: see {@link safePeerName}.
 */
import { Resolver } from 'node:dns';

/** Asks for the name of an address. */
export interface ReverseLookup {
  /** @returns false where too many questions are open: ask again later. `done` gets null where there is no name. */
  ask(address: string, done: (name: string | null) => void): boolean;
  close(): void;
}

const TIMEOUT_MS = 2000;
const TRIES = 2;
/** Questions under way at once. */
const OPEN_MAX = 32;

export class ReverseDns implements ReverseLookup {
  readonly #resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  #open = 0;
  #closed = false;

  /** @param servers `address` or `address:port`; null: those of resolv.conf(5) */
  constructor(servers: readonly string[] | null = null) {
    if (servers !== null) this.#resolver.setServers(servers);
  }

  ask(address: string, done: (name: string | null) => void): boolean {
    if (this.#closed || this.#open >= OPEN_MAX) return false;
    this.#open++;
    this.#resolver.reverse(address, (error, names) => {
      this.#open--;
      if (!this.#closed) done(error === null ? safePeerName(names[0] ?? '') : null);
    });
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#resolver.cancel();
  }
}

/**
 * Decides whether an answer can be written as a host name, in lower case.
 *
 * @returns null for anything but letters, digits, `-`, `_` and dots between, and for what looks like an address
 */
export function safePeerName(answer: string): string | null {
  const name = answer.toLowerCase().replace(/\.$/, '');
  if (name.length > 253 || !/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name)) return null;
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(name) ? null : name;
}
