/**
 * Who sends over the network: numbers for column `peer`, the label that is written for each, and the words that
 * name it in a message.
 *
 * A label is the numeric address until the name server has answered, if it is asked at all; nothing waits for that.
 * Two ports of an address are one sender. Number 0 is no sender.
 */
import type { HostWords } from '../../dgram-parser/header/host-words.ts';
import type { HostNames } from '../../sys/machine/host.ts';
import type { SenderLookup } from '../../sys/socket/recv-batch.ts';
import { formatAddressWords, parseAddressWords, V4_MAPPED_WORD } from './address-words.ts';
import { isOwnAddress, peerLabel } from './peer-name.ts';
import { PeerTable } from './peer-table.ts';
import type { NameAnswer, ReverseLookup } from './reverse-dns.ts';

export interface PeersOptions {
  readonly hostNames: HostNames;
  /** Null: addresses only (`-n`). */
  readonly reverse: ReverseLookup | null;
  /** A power of two, more than twice the rows of a batch. */
  readonly maxPeers?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  /** Whether an address is one of this machine. */
  readonly isOwn?: (address: string) => boolean;
}

/** A sender as it is reported. */
export interface PeerDescription {
  readonly address: string;
  /** Full name; null: not known. */
  readonly name: string | null;
}

interface Peer {
  readonly number: number;
  readonly words: Int32Array;
  readonly address: string;
  name: string | null;
  label: Uint8Array;
  /** Lower case: address, full name, label. */
  spellings: readonly Uint8Array[];
  /** When to ask for the name again, milliseconds; Infinity: not for now. */
  askAtMs: number;
}

const MAX_PEERS = 4096;
/** How long an answer is valid, and how long to wait after a failure. */
const TTL_MS = { name: 3_600_000, none: 300_000, unavailable: 60_000 } as const;
/** What is written for a sender that was pushed out of the table. */
const UNKNOWN: Uint8Array = Buffer.from('unknown');

export class Peers implements HostWords, SenderLookup {
  readonly #table: PeerTable<Peer>;
  readonly #reverse: ReverseLookup | null;
  readonly #now: () => number;
  readonly #isOwn: (address: string) => boolean;
  #hostNames: HostNames;
  #localWords: readonly Uint8Array[];
  readonly #parsed = new Int32Array(4);
  #lastText = '';
  /** Called after each answer about a name, also where there is none. */
  onAnswer: (() => void) | null = null;

  constructor(options: PeersOptions) {
    const { hostNames, reverse, maxPeers = MAX_PEERS } = options;
    const seed = Math.trunc(Math.random() * 0x1_0000_0000) | 0;
    this.#reverse = reverse;
    this.#now = options.now ?? (() => performance.now());
    this.#isOwn = options.isOwn ?? isOwnAddress;
    this.#hostNames = hostNames;
    this.#localWords = localWords(hostNames);
    this.#table = new PeerTable(maxPeers, seed, (number, words) => createPeer(number, words, reverse !== null));
  }

  /** This machine has got another name, and perhaps other addresses. */
  renameLocal(hostNames: HostNames): void {
    this.#hostNames = hostNames;
    this.#localWords = localWords(hostNames);
    this.#table.forEach((peer) => {
      if (peer.name !== null) this.#rename(peer, peer.name);
    });
  }

  /** Number of a sender; `addr` are the bytes of its IPv4 address. */
  peerOfV4(addr: number): number {
    return this.#numberOf(0, 0, V4_MAPPED_WORD, addr);
  }

  /** Number of a sender; v4-mapped addresses are IPv4 addresses. */
  peerOfV6(word0: number, word1: number, word2: number, word3: number): number {
    return this.#numberOf(word0, word1, word2, word3);
  }

  /** Number of a sender whose address is text; 0 where it is no numeric address. */
  peerOfText(address: string): number {
    if (address !== this.#lastText) {
      if (!parseAddressWords(address, this.#parsed)) return 0;
      this.#lastText = address;
    }
    const words = this.#parsed;
    return this.#numberOf(words[0]!, words[1]!, words[2]!, words[3]!);
  }

  /** HOT PATH. What is written as the host of this sender's messages: safe bytes, not to be changed. */
  label(peer: number): Uint8Array {
    return this.#table.get(peer)?.label ?? UNKNOWN;
  }

  /** @returns null where the number is not, or no longer, that of a sender */
  describe(peer: number): PeerDescription | null {
    const found = this.#table.get(peer);
    return found === undefined ? null : { address: found.address, name: found.name };
  }

  /** The address of a sender as words; undefined where the number is not, or no longer, that of a sender. */
  addressWords(peer: number): Int32Array | undefined {
    return this.#table.get(peer)?.words;
  }

  /** @returns the full name in lower case; null: there is none; undefined: not known yet, but asked for */
  nameOf(peer: number): string | null | undefined {
    const found = this.#table.get(peer);
    if (found === undefined) return null;
    if (found.name !== null || this.#reverse === null) return found.name;
    this.#ask(found);
    // Asked for, or too many questions were open: then the next look asks again.
    return found.askAtMs === Number.POSITIVE_INFINITY || found.askAtMs === 0 ? undefined : null;
  }

  isPeer(peer: number, bytes: Uint8Array, off: number, len: number): boolean {
    const found = this.#table.get(peer);
    return found !== undefined && isOneOf(found.spellings, bytes, off, len);
  }

  isLocalHost(bytes: Uint8Array, off: number, len: number): boolean {
    return isOneOf(this.#localWords, bytes, off, len);
  }

  /** Senders in the table. */
  get count(): number {
    return this.#table.count;
  }

  close(): void {
    this.#reverse?.close();
  }

  #numberOf(word0: number, word1: number, word2: number, word3: number): number {
    const peer = this.#table.find(word0, word1, word2, word3);
    if (peer.askAtMs !== Number.POSITIVE_INFINITY) this.#ask(peer);
    return peer.number;
  }

  #ask(peer: Peer): void {
    const nowMs = this.#now();
    if (this.#reverse === null || nowMs < peer.askAtMs) return;
    if (this.#reverse.ask(peer.address, (answer) => this.#answered(peer, answer)))
      peer.askAtMs = Number.POSITIVE_INFINITY;
  }

  #answered(peer: Peer, answer: NameAnswer): void {
    peer.askAtMs = this.#now() + TTL_MS[answer.kind];
    // A known name stays valid while the name server is down.
    if (answer.kind !== 'unavailable') this.#rename(peer, answer.kind === 'name' ? answer.name : null);
    this.onAnswer?.();
  }

  #rename(peer: Peer, name: string | null): void {
    const label = name === null ? null : peerLabel(name, this.#isOwn(peer.address), this.#hostNames);
    if (name === null || label === null) {
      peer.name = null;
      peer.label = Buffer.from(peer.address);
      peer.spellings = [peer.label];
      return;
    }
    const short = name.split('.', 1)[0] ?? name;
    peer.name = name;
    peer.label = Buffer.from(label);
    peer.spellings = [...new Set([peer.address, name, label, short])].map((word) => Buffer.from(word));
  }
}

function createPeer(number: number, words: Int32Array, ask: boolean): Peer {
  const address = formatAddressWords(words);
  const label = Buffer.from(address);
  return { number, words, address, name: null, label, spellings: [label], askAtMs: ask ? 0 : Number.POSITIVE_INFINITY };
}

function isOneOf(spellings: readonly Uint8Array[], bytes: Uint8Array, off: number, len: number): boolean {
  for (let idx = 0; idx < spellings.length; idx++) {
    const word = spellings[idx];
    if (word !== undefined && word.length === len && isSameWord(word, bytes, off)) return true;
  }
  return false;
}

/** ASCII letters in any case; `lower` is in lower case. */
function isSameWord(lower: Uint8Array, bytes: Uint8Array, off: number): boolean {
  for (let idx = 0; idx < lower.length; idx++) {
    const ch = bytes[off + idx]!;
    if ((ch >= 0x41 && ch <= 0x5a ? ch | 0x20 : ch) !== lower[idx]) return false;
  }
  return true;
}

function localWords({ short, full }: HostNames): readonly Uint8Array[] {
  return [short, full].map((name) => Buffer.from(name.toLowerCase()));
}
