/**
 * Forwards records over UDP, one datagram each. Source: RFC 5426 §3, syslogd(8).
 *
 * While the target's name is not resolved, or no address can be reached, records wait in the queue; what does not fit
 * is counted. A peer that refuses costs what was sent to it, which is counted as far as the kernel tells, and the
 * next record tries again. Never waits, never makes inputs wait.
 */
import { targetName } from '../../conf/words/addresses.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import type { Chunk, ChunkPool } from '../../queue/chunk-pool.ts';
import { ForwardPath, PathHealth } from './forward-path.ts';
import type { HostAddress, HostLookup } from './host-lookup.ts';
import { countRecords, LineQueue } from '../../queue/line-queue.ts';
import { LossAccount } from '../loss-account.ts';
import { createOutputCounters, type Output, type OutputCounters, type OutputState, type Report } from '../output.ts';
import { OutputLife } from '../life.ts';
import { type FindOwnPlace, LOOKUP_PAUSES, type LookupPauses, TargetAddresses } from './target-addresses.ts';
import type { LinkOpener } from './udp-link.ts';
import { Succession } from '../succession.ts';
import { DeadlineWait } from '../within.ts';

const QUEUE_BYTES = 256 * 1024;
/** Between two attempts while the system has no room for datagrams. */
const FULL_RETRY_MS = 5;
/** Between two attempts while no address can be reached; every new record makes one too. Doubled up to the second figure. */
const RETRY_MS = 1000;
const RETRY_MAX_MS = 60_000;
/** From a send to the look whether it was refused. */
const CHECK_MS = 1000;
/** Given to a lookup or an opening that is under way at the end. */
const CLOSE_PATIENCE_MS = 1000;

export interface ForwardTiming {
  readonly lookup: LookupPauses;
  readonly checkMs: number;
  /** So long without a refusal, and the peer listens again. Peers ration their answers: many give one a second. */
  readonly settleMs: number;
}

export const FORWARD_TIMING: ForwardTiming = { lookup: LOOKUP_PAUSES, checkMs: CHECK_MS, settleMs: 10_000 };

export interface ForwardOptions {
  /** A name, or a numeric address without brackets. */
  readonly host: string;
  /** Null: 514. */
  readonly port: number | null;
  readonly iface: string | null;
  readonly ttl: number | null;
  /** Send to every address of the name (`-A`), not to the first that works. */
  readonly allAddresses: boolean;
  /** Only addresses of this family, or both. */
  readonly family: 4 | 6 | null;
  readonly payloadBytes: number;
  readonly timing?: ForwardTiming;
}

export interface ForwardServices {
  readonly pool: ChunkPool;
  readonly report: Report;
  readonly lookup: HostLookup;
  readonly openLink: LinkOpener;
  readonly ownPlace: FindOwnPlace;
}

export interface ForwardCounters extends OutputCounters {
  /** Datagrams cut at the longest payload. */
  cut: number;
}

export class ForwardOutput implements Output {
  readonly kind = 'forward';
  readonly label: string;
  readonly queue: LineQueue;
  readonly crlf = false;
  readonly counters: ForwardCounters = { ...createOutputCounters(), cut: 0 };
  /** As the configuration would write it, e.g. `@loghost`. */
  readonly name: string;
  readonly #options: ForwardOptions;
  readonly #services: ForwardServices;
  readonly #timing: ForwardTiming;
  /** Of the target as a whole, and of its addresses where only one of them is used. */
  readonly #health: PathHealth;
  readonly #addresses: TargetAddresses;
  readonly #life = new OutputLife();
  #lostAtEnd = 0;
  /** In the order in which they are tried. */
  #paths: readonly ForwardPath[] = [];
  #current = 0;
  #pumping = false;
  /** Records given up at the end. */
  #neverSent = 0;
  #retryMs = RETRY_MS;
  #retryTimer: NodeJS.Timeout | null = null;
  #checkTimer: NodeJS.Timeout | null = null;
  readonly #drained = new DeadlineWait();
  readonly #succession = new Succession();

  constructor(options: ForwardOptions, services: ForwardServices) {
    this.name = targetName(options.host, options.port);
    this.label = `loghost "${this.name}"`;
    this.#options = options;
    this.#services = services;
    this.#timing = options.timing ?? FORWARD_TIMING;
    this.queue = new LineQueue(services.pool, QUEUE_BYTES, { evicted: (records) => this.#evicted(records) });
    this.#health = new PathHealth(new LossAccount(this.label, services.report, { counters: this.counters }), this.name);
    this.#addresses = new TargetAddresses(
      options.host,
      options.family,
      services.lookup,
      {
        resolved: (addresses) => this.#resolved(addresses),
        failed: (error) => this.#unresolved(error),
        ownPlace: (address) => services.ownPlace(inetAddress(address, options.port ?? SYSLOG_UDP_PORT), options.iface),
        looping: (place) => this.#looping(place),
      },
      this.#timing.lookup,
    );
  }

  /** `retrying` as long as a loss is not over. */
  get state(): OutputState {
    if (this.#life.state !== 'open') return this.#life.state;
    return this.#isFailing() ? 'retrying' : 'open';
  }

  /** Never fails and never waits: a target that is away now may be there later. */
  open(): Promise<null> {
    this.#addresses.ask();
    return Promise.resolve(null);
  }

  /** With `-A`: sent to one address at least; what others did not get is counted as dropped all the same. */
  written(): number {
    const waiting = this.queue.countRecords();
    return this.#options.allAddresses
      ? Math.max(0, this.counters.accepted - this.#neverSent - waiting)
      : this.#health.account.written(waiting);
  }

  refuse(records: number): void {
    this.#health.account.refuse(records);
    this.#health.blame(this.#timing.checkMs);
  }

  #evicted(records: number): void {
    this.#health.account.evict(records);
    this.#health.blame(this.#timing.checkMs);
  }

  flush(): void {
    this.#pump();
  }

  congested(): boolean {
    return false;
  }

  /** Asks for the addresses anew. */
  reopen(): void {
    this.#addresses.ask();
  }

  settle(): void {
    for (const { account } of this.#healths()) account.settle();
  }

  follow(closed: Promise<unknown>, advances: (nowMs: number) => boolean): void {
    this.#succession.follow(closed, advances, () => this.#pump());
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#life.on('drain');
    if (this.queue.queuedBytes > 0) await this.#succession.over(deadlineMs);
    const waiting = this.#addresses.asking || this.#paths.some((path) => path.state === 'opening' || path.full);
    this.#pump();
    if (waiting && this.queue.queuedBytes > 0)
      await this.#drained.until(Math.min(deadlineMs, performance.now() + CLOSE_PATIENCE_MS));
  }

  get sound(): boolean {
    const reaches = this.#active().some((path) => path.state === 'open');
    return reaches && this.queue.queuedBytes === 0 && !this.#isFailing();
  }

  async close(deadlineMs: number): Promise<number> {
    if (this.#life.closed) return this.#lostAtEnd;
    await this.drain(deadlineMs);
    if (this.#life.closed) return this.#lostAtEnd;
    this.#life.on('close');
    this.#addresses.stop();
    for (const timer of [this.#retryTimer, this.#checkTimer]) if (timer !== null) clearTimeout(timer);
    const lost = this.queue.clear();
    this.#lostAtEnd = lost;
    this.#neverSent += lost;
    this.#health.account.lose(lost);
    for (const path of this.#paths) path.close();
    for (const health of this.#healths()) health.account.close(0);
    const { cut } = this.counters;
    if (cut > 0) this.#report(SEVERITY.notice, `cut ${cut} message${cut === 1 ? '' : 's'} to ${this.label}`);
    return lost;
  }

  #isFailing(): boolean {
    return [...this.#healths()].some((health) => health.account.failing);
  }

  #resolved(found: readonly HostAddress[]): void {
    const wanted = found.map((address) => inetAddress(address, this.#options.port ?? SYSLOG_UDP_PORT));
    const used = this.#paths[this.#current];
    const paths = wanted.map((to) => this.#paths.find((path) => isSame(path.to, to)) ?? this.#createPath(to));
    for (const path of this.#paths) if (!paths.includes(path)) this.#retire(path);
    const first = this.#paths.length === 0;
    this.#current = Math.max(0, used === undefined ? 0 : paths.indexOf(used));
    this.#paths = paths;
    for (const path of this.#active()) path.renew();
    this.#pump();
    // That the name is known at last is told even where nothing waits to be sent.
    if (first && this.#health.account.failing && this.queue.queuedBytes === 0) this.#sent();
  }

  #unresolved(error: Error): void {
    // Addresses that were known outlive a name server that is down.
    if (this.#paths.length > 0 || this.#life.closed) return;
    this.#nowhere(`cannot resolve "${this.#options.host}" for ${this.label}: ${errorText(error)}: trying again`);
  }

  /** What is sent there would come back, without end. */
  #looping(place: string): void {
    if (this.#life.closed) return;
    for (const path of this.#paths) this.#retire(path);
    this.#paths = [];
    this.#nowhere(`nothing is sent to ${this.label}: it is this daemon itself, which receives on UDP ${place}`);
  }

  #nowhere(reason: string): void {
    this.#health.account.fail(reason);
    this.#health.blame(this.#timing.checkMs);
    this.#life.on('fails');
    this.#drained.over();
  }

  #createPath(to: InetAddress): ForwardPath {
    const { iface, ttl, payloadBytes, allAddresses } = this.#options;
    const { report, openLink } = this.#services;
    const health = allAddresses
      ? new PathHealth(new LossAccount(`${this.label} (${to.address})`, report, { counters: this.counters }), this.name)
      : this.#health;
    return new ForwardPath({
      target: { to, iface, ttl, payloadBytes },
      health,
      opener: openLink,
      settleMs: this.#timing.settleMs,
      changed: () => this.#pump(),
      cut: (count) => this.#cut(count),
    });
  }

  /** A path that is used no more. */
  #retire(path: ForwardPath): void {
    path.close();
    if (path.health === this.#health) return;
    path.health.account.recover();
    path.health.account.settle();
  }

  #active(): readonly ForwardPath[] {
    if (this.#options.allAddresses) return this.#paths;
    const path = this.#paths[this.#current];
    return path === undefined ? [] : [path];
  }

  #healths(): ReadonlySet<PathHealth> {
    return new Set([this.#health, ...this.#paths.map((path) => path.health)]);
  }

  /** Sends what is queued, as far as that is possible now. */
  #pump(): void {
    if (this.#pumping || this.#paths.length === 0 || this.#life.closed) return;
    if (this.#succession.holds) return;
    this.#pumping = true;
    if (this.#life.state === 'opening' && this.#active().some((path) => path.state === 'open')) this.#life.on('works');
    for (let head = this.queue.head(); head !== null; head = this.queue.head()) {
      const taken = this.#options.allAddresses ? this.#sendToAll(head) : this.#sendToOne(head);
      if (taken === 0) break;
      this.queue.consume(taken);
      this.#sent();
    }
    this.#pumping = false;
    if (this.queue.queuedBytes === 0 || this.#paths.every((path) => path.state === 'failed')) this.#drained.over();
    this.#leaveRefused();
    if (this.#isTroubled()) this.#armCheck();
  }

  /** To the first address that works. @returns bytes sent */
  #sendToOne(head: Chunk): number {
    let error: unknown = null;
    for (let tries = 0; tries < this.#paths.length; tries++) {
      const path = this.#paths[this.#current];
      if (path === undefined) return 0;
      path.open();
      if (path.state === 'opening') return 0;
      const taken = path.send(head.bytes, head.begin, head.end);
      if (taken > 0) return taken;
      if (path.full) {
        this.#retryIn(FULL_RETRY_MS);
        return 0;
      }
      error = path.error;
      this.#current = (this.#current + 1) % this.#paths.length;
    }
    this.#unreachable(error);
    return 0;
  }

  /** To every address; what one of them does not take while another does is lost for it. @returns bytes sent */
  #sendToAll(head: Chunk): number {
    for (const path of this.#paths) path.open();
    if (this.#paths.some((path) => path.state === 'opening')) return 0;
    const { bytes, begin, end } = head;
    const taken = this.#paths.map((path) => path.send(bytes, begin, end));
    const most = Math.max(...taken);
    for (const [idx, path] of this.#paths.entries()) {
      const part = taken[idx] ?? 0;
      if (part === end - begin) continue;
      const lost = countRecords(bytes, begin + part, begin + most);
      if (path.full) path.health.account.lose(lost);
      else path.health.trouble(errorText(path.error), lost, this.#timing.checkMs);
    }
    if (most > 0) return most;
    if (this.#paths.some((path) => path.full)) this.#retryIn(FULL_RETRY_MS);
    else this.#unreachable(this.#paths[0]?.error);
    return 0;
  }

  #sent(): void {
    this.#retryMs = RETRY_MS;
    this.#health.sending = true;
    this.#life.on('works');
    this.#armCheck();
  }

  #unreachable(error: unknown): void {
    // With `-A` each address tells for itself.
    if (!this.#options.allAddresses) this.#health.trouble(errorText(error), 0, this.#timing.checkMs);
    this.#addresses.doubt();
    this.#life.on('fails');
    this.#retryIn(this.#retryMs);
  }

  /** A peer that refuses is left for another address, if there is one. */
  #leaveRefused(): void {
    const refused = this.#active().filter((path) => path.refused);
    if (refused.length === 0) return;
    for (const path of refused) path.refused = false;
    this.#addresses.doubt();
    if (!this.#options.allAddresses) this.#current = (this.#current + 1) % this.#paths.length;
  }

  #retryIn(delayMs: number): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = null;
      if (this.#life.state === 'retrying') this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
      this.#pump();
    }, delayMs);
  }

  #isTroubled(): boolean {
    return [...this.#healths()].some((health) => health.account.failing && health.sending);
  }

  #armCheck(): void {
    if (!this.#life.ending) this.#checkTimer ??= setTimeout(() => this.#check(), this.#timing.checkMs);
  }

  /** Looks for late refusals, and tells the end of troubles that are over. */
  #check(): void {
    this.#checkTimer = null;
    for (const path of this.#paths) path.poll();
    this.#leaveRefused();
    let waiting = false;
    for (const health of this.#healths()) if (health.settle()) waiting = true;
    if (waiting) this.#armCheck();
  }

  #cut(count: number): void {
    if (this.counters.cut === 0) {
      const { payloadBytes } = this.#options;
      this.#report(SEVERITY.notice, `cutting messages to ${this.label} that are longer than ${payloadBytes} bytes`);
    }
    this.counters.cut += count;
  }

  #report(severity: number, text: string): void {
    this.#services.report(severity, text);
  }
}

/** A scope stays behind the `%` of the address. */
function inetAddress({ family, address }: HostAddress, port: number): InetAddress {
  return { family, address, port, scopeId: 0 };
}

function isSame(a: InetAddress, b: InetAddress): boolean {
  return a.address === b.address && a.port === b.port;
}
