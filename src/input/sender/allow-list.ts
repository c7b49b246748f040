/**
 * Decides which network senders are allowed (`-a`): those that match at least one rule.
 *
 * A rule by name needs the sender's name, which may not be known yet. Until the name server answers, datagrams of such
 * a sender are held, up to a number of bytes; then they are taken or refused. Refusals are counted, and reported once
 * when they start and once when they have ended.
 */
import { appendRow, type Batch, ORIGIN } from '../../dgram-parser/columns/batch.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import { type AllowRule, matchesPattern } from './allow-rule.ts';
import { BatchClock } from '../batch-clock.ts';
import type { InputCounters, InputEvents } from '../input.ts';
import type { Peers } from './peers.ts';
import type { PeerFilter } from '../transport.ts';

/** Most bytes held, including a fixed amount for each datagram. */
const HELD_MAX_BYTES = 256 * 1024;
const HELD_OVERHEAD_BYTES = 128;
/** Without a further refusal for this long, they have ended. */
const SETTLE_MS = 10_000;
/** Most senders that the last line names. */
const NAMED_MAX = 3;

export interface AllowListOptions {
  readonly rules: readonly AllowRule[];
  readonly peers: Peers;
  /** Filled and delivered in one step, between the turns of the inputs. */
  readonly batch: Batch;
  readonly events: InputEvents;
  readonly settleMs?: number;
}

interface Held {
  readonly peer: number;
  readonly port: number;
  readonly datagram: Buffer;
  readonly counters: InputCounters;
}

type Verdict = 'take' | 'refuse' | 'unknown';

export class AllowList implements PeerFilter {
  /** All datagrams refused. */
  refusedCount = 0;
  readonly #options: AllowListOptions;
  readonly #byName: boolean;
  readonly #clock = new BatchClock();
  #held: Held[] = [];
  #heldBytes = 0;
  #asked = false;
  /** Refused since the first line. */
  #unreported = 0;
  #atLastLook = 0;
  readonly #named = new Set<string>();
  #moreSenders = false;
  #lastPeer = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: AllowListOptions) {
    this.#options = options;
    this.#byName = options.rules.some((rule) => rule.kind === 'name');
    if (this.#byName) options.peers.onAnswer = () => this.#ask();
  }

  /** Datagrams that wait for a name. */
  get heldCount(): number {
    return this.#held.length;
  }

  accepts(peer: number, port: number, bytes: Buffer, off: number, len: number, counters: InputCounters): boolean {
    // Held datagrams of the same sender come first.
    const isBehind = this.#held.length > 0 && this.#held.some((held) => held.peer === peer);
    const verdict = isBehind ? 'unknown' : this.#judge(peer, port);
    if (verdict === 'take') return true;
    if (verdict === 'unknown' && this.#heldBytes + len + HELD_OVERHEAD_BYTES <= HELD_MAX_BYTES) {
      this.#held.push({ peer, port, datagram: Buffer.from(bytes.subarray(off, off + len)), counters });
      this.#heldBytes += len + HELD_OVERHEAD_BYTES;
    } else this.#refuse(peer, port, counters);
    return false;
  }

  /** Refuses what is held and reports what was not reported yet. */
  settle(): void {
    this.#release(true);
    this.#report();
  }

  close(): void {
    if (this.#byName) this.#options.peers.onAnswer = null;
    this.settle();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #judge(peer: number, port: number): Verdict {
    const { rules, peers } = this.#options;
    const words = peers.addressWords(peer);
    if (words === undefined) return 'refuse';
    let verdict: Verdict = 'refuse';
    for (let idx = 0; idx < rules.length; idx++) {
      const rule = rules[idx];
      if (rule === undefined || (rule.port !== null && rule.port !== port)) continue;
      if (rule.kind === 'network') {
        if (isWithin(words, rule.words, rule.mask)) return 'take';
        continue;
      }
      const name = peers.nameOf(peer);
      if (name === undefined) verdict = 'unknown';
      else if (name !== null && matchesPattern(rule.pattern, name)) return 'take';
    }
    return verdict;
  }

  /** A name server has answered, perhaps while a batch is being filled: judges the held datagrams afterwards. */
  #ask(): void {
    if (this.#asked || this.#held.length === 0) return;
    this.#asked = true;
    setImmediate(() => {
      this.#asked = false;
      this.#release(false);
    });
  }

  #release(all: boolean): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    const { batch } = this.#options;
    batch.count = 0;
    for (const entry of held) {
      const verdict = this.#judge(entry.peer, entry.port);
      if (verdict === 'take') this.#take(entry);
      else if (verdict === 'refuse' || all) this.#refuse(entry.peer, entry.port, entry.counters);
      else {
        this.#held.push(entry);
        this.#heldBytes += entry.datagram.length + HELD_OVERHEAD_BYTES;
      }
    }
    this.#deliver();
  }

  #take({ peer, datagram }: Held): void {
    const { batch } = this.#options;
    if (batch.count === batch.rows) this.#deliver();
    batch.peer[appendRow(batch, datagram, ORIGIN.network)] = peer;
  }

  #deliver(): void {
    const { batch, events } = this.#options;
    if (batch.count === 0) return;
    this.#clock.stamp(batch);
    events.deliver(batch);
    batch.count = 0;
  }

  #refuse(peer: number, port: number, counters: InputCounters): void {
    this.refusedCount++;
    counters.refused++;
    this.#unreported++;
    if (peer !== this.#lastPeer || this.#unreported === 1) this.#nameSender(peer, port);
    this.#timer ??= setTimeout(() => this.#look(), this.#options.settleMs ?? SETTLE_MS).unref();
  }

  #nameSender(peer: number, port: number): void {
    this.#lastPeer = peer;
    const address = this.#options.peers.describe(peer)?.address ?? 'unknown';
    if (this.#named.size < NAMED_MAX) this.#named.add(address);
    else if (!this.#named.has(address)) this.#moreSenders = true;
    if (this.#unreported > 1) return;
    const shown = address.includes(':') ? `[${address}]` : address;
    this.#options.events.report(SEVERITY.warning, `refusing messages from UDP ${shown}:${port}: not allowed by -a`);
  }

  #look(): void {
    this.#timer = null;
    if (this.#unreported === this.#atLastLook) this.#report();
    else {
      this.#atLastLook = this.#unreported;
      this.#timer = setTimeout(() => this.#look(), this.#options.settleMs ?? SETTLE_MS).unref();
    }
  }

  #report(): void {
    if (this.#unreported === 0) return;
    const senders = `${[...this.#named].join(', ')}${this.#moreSenders ? ' and others' : ''}`;
    const messages = `${this.#unreported} message${this.#unreported === 1 ? '' : 's'}`;
    this.#options.events.report(SEVERITY.warning, `refused ${messages} from ${senders}`);
    this.#unreported = 0;
    this.#atLastLook = 0;
    this.#named.clear();
    this.#moreSenders = false;
  }
}

function isWithin(words: Int32Array, network: Int32Array, mask: Int32Array): boolean {
  for (let idx = 0; idx < 4; idx++) if ((words[idx]! & mask[idx]!) !== network[idx]!) return false;
  return true;
}
