/**
 * Names of addresses, by getnameinfo(3) and getaddrinfo(3): they know hosts(5), DNS and all else of nsswitch.conf(5).
 *
 * A name counts only if its own look-up returns the address: the owner of an address decides which name is registered
 * for it, and could claim any name. Both calls keep a thread of the pool for as long as name servers are silent:
 * therefore only two run at a time, and a question that takes long is given up, though its thread is not free yet.
 */
import { lookup, lookupService } from 'node:dns';
import { isIPv6 } from 'node:net';
import { errorCode } from '../../sys/call/error-text.ts';
import { parseAddressWords } from './address-words.ts';

export type NameAnswer =
  /** In lower case, safe to be written, confirmed. */
  | { readonly kind: 'name'; readonly name: string }
  /** There is none, or none that is confirmed. */
  | { readonly kind: 'none' }
  /** Unknown for now. */
  | { readonly kind: 'unavailable' };

/** Asks for the name of an address. */
export interface ReverseLookup {
  /**
   * @param done called once; once more where an answer comes after the question was given up
   * @returns false where too many questions are open: ask again later
   */
  ask(address: string, done: (answer: NameAnswer) => void): boolean;
  close(): void;
}

/** The system's look-ups; others in tests. */
export interface SystemNames {
  nameOf(address: string, done: (error: Error | null, name: string) => void): void;
  addressesOf(name: string, family: 4 | 6, done: (error: Error | null, addresses: readonly string[]) => void): void;
}

const SYSTEM_NAMES: SystemNames = {
  // Port 0 spares a look into services(5).
  nameOf: (address, done) => lookupService(address, 0, done),
  addressesOf: (name, family, done) =>
    lookup(name, { all: true, family, verbatim: true }, (error, found) =>
      done(error, error === null ? found.map(({ address }) => address) : []),
    ),
};

/** Most questions that are neither answered nor given up. */
const OPEN_MAX = 32;
/** Threads of the pool that may be asking. */
const RUNNING_MAX = 2;
const GIVE_UP_MS = 10_000;

const NONE: NameAnswer = { kind: 'none' };
const UNAVAILABLE: NameAnswer = { kind: 'unavailable' };

interface Question {
  readonly address: string;
  readonly done: (answer: NameAnswer) => void;
  /** Null: answered or given up. */
  timer: NodeJS.Timeout | null;
}

export interface ReverseDnsOptions {
  readonly system?: SystemNames;
  readonly giveUpMs?: number;
}

export class ReverseDns implements ReverseLookup {
  readonly #system: SystemNames;
  readonly #giveUpMs: number;
  readonly #open = new Set<Question>();
  #waiting: Question[] = [];
  #running = 0;
  #closed = false;

  constructor(options: ReverseDnsOptions = {}) {
    this.#system = options.system ?? SYSTEM_NAMES;
    this.#giveUpMs = options.giveUpMs ?? GIVE_UP_MS;
  }

  ask(address: string, done: (answer: NameAnswer) => void): boolean {
    if (this.#closed || this.#open.size >= OPEN_MAX) return false;
    const question: Question = { address, done, timer: null };
    question.timer = setTimeout(() => this.#giveUp(question), this.#giveUpMs).unref();
    this.#open.add(question);
    this.#waiting.push(question);
    this.#next();
    return true;
  }

  /** Nothing is answered any more; what runs in the pool cannot be stopped. */
  close(): void {
    this.#closed = true;
    for (const question of this.#open) this.#settle(question);
    this.#waiting = [];
  }

  #next(): void {
    if (this.#running >= RUNNING_MAX) return;
    const question = this.#waiting.shift();
    if (question === undefined) return;
    this.#running++;
    this.#find(question.address, (answer) => {
      this.#running--;
      const isLate = question.timer === null;
      this.#settle(question);
      if (!this.#closed && (!isLate || answer.kind !== 'unavailable')) question.done(answer);
      this.#next();
    });
  }

  #find(address: string, done: (answer: NameAnswer) => void): void {
    this.#system.nameOf(address, (error, answer) => {
      const name = error === null ? safePeerName(answer) : null;
      if (error !== null) done(failureOf(error));
      else if (name === null || this.#closed) done(NONE);
      else this.#confirm(address, name, done);
    });
  }

  #confirm(address: string, name: string, done: (answer: NameAnswer) => void): void {
    this.#system.addressesOf(name, isIPv6(address) ? 6 : 4, (error, addresses) => {
      if (error !== null) done(failureOf(error));
      else done(addresses.some((found) => isSameAddress(found, address)) ? { kind: 'name', name } : NONE);
    });
  }

  #giveUp(question: Question): void {
    this.#settle(question);
    this.#waiting = this.#waiting.filter((other) => other !== question);
    question.done(UNAVAILABLE);
  }

  #settle(question: Question): void {
    if (question.timer !== null) clearTimeout(question.timer);
    question.timer = null;
    this.#open.delete(question);
  }
}

function failureOf(error: Error): NameAnswer {
  return errorCode(error) === 'ENOTFOUND' ? NONE : UNAVAILABLE;
}

function isSameAddress(one: string, other: string): boolean {
  const [words, others] = [new Int32Array(4), new Int32Array(4)];
  return (
    parseAddressWords(one, words) &&
    parseAddressWords(other, others) &&
    words.every((word, idx) => word === others[idx])
  );
}

const NAME_MAX_BYTES = 253;
const LABEL_MAX_BYTES = 63;

/**
 * Decides whether an answer can be written as a host name, in lower case.
 *
 * @returns null for anything but letters, digits, `-`, `_` and dots between, for labels without letter and digit, and for
 *   what looks like an address
 */
export function safePeerName(answer: string): string | null {
  const name = answer.toLowerCase().replace(/\.$/, '');
  if (name.length > NAME_MAX_BYTES || !name.split('.').every(isLabel)) return null;
  return looksLikeAddress(name) ? null : name;
}

function isLabel(label: string): boolean {
  return label.length <= LABEL_MAX_BYTES && /^[a-z0-9_-]+$/.test(label) && /[a-z0-9]/.test(label);
}

/** inet_aton(3) takes anything for an address that ends in a number. */
export function looksLikeAddress(name: string): boolean {
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(name);
}
