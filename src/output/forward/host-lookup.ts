/**
 * Looks up addresses of names by getaddrinfo(3), which also uses /etc/hosts, search domains and the other sources of
 * nsswitch.conf(5).
 *
 * A look-up occupies a thread of the pool for as long as name servers are slow. So at most one runs at a time, whatever
 * the number of outputs, and it counts as one of the slow tasks that leave room for writes.
 */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { ThreadGate } from '../thread-gate.ts';

/** A numeric address without a port. */
export interface HostAddress {
  readonly family: 4 | 6;
  readonly address: string;
}

/** `error` null: there is at least one address. */
export type LookupDone = (error: Error | null, addresses: readonly HostAddress[]) => void;

/** Looks up the addresses of a name, in the order in which to try them. Never calls back at once. */
export interface HostLookup {
  ask(host: string, family: 4 | 6 | null, done: LookupDone): void;
}

interface Question {
  readonly host: string;
  readonly family: 4 | 6 | null;
  readonly done: LookupDone;
}

/** The system's own look-up; replaced in tests. */
export type SystemLookup = (host: string, family: 4 | 6 | null, done: LookupDone) => void;

/** getaddrinfo(3). */
export const systemLookup: SystemLookup = (host, family, done) => {
  lookup(host, { all: true, family: family ?? 0, verbatim: true }, (error, found) => {
    if (error !== null) done(error, []);
    else if (found.length === 0) done(new Error('no address'), []);
    else
      done(
        null,
        found.map(({ address }) => ({ family: isIP(address) === 6 ? 6 : 4, address })),
      );
  });
};

export class QueuedLookup implements HostLookup {
  readonly #gate: ThreadGate;
  readonly #system: SystemLookup;
  readonly #questions: Question[] = [];
  #running = false;

  constructor(gate: ThreadGate, system: SystemLookup = systemLookup) {
    this.#gate = gate;
    this.#system = system;
  }

  ask(host: string, family: 4 | 6 | null, done: LookupDone): void {
    this.#questions.push({ host, family, done });
    if (!this.#running) this.#next();
  }

  #next(): void {
    const question = this.#questions.shift();
    if (question === undefined) return;
    this.#running = true;
    this.#gate.enter(() => {
      this.#system(question.host, question.family, (error, addresses) => {
        this.#running = false;
        this.#gate.leave();
        question.done(error, addresses);
        if (!this.#running) this.#next();
      });
    });
  }
}
