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
import { LossAccount, QUEUE_IS_FULL } from '../loss-account.ts';
import { createOutputCounters, type OutputState } from '../output.ts';
import { QueuedOutput, type Remainder } from '../queued-output.ts';
import { ForwardPath } from './forward-path.ts';
import { HealthCheck } from './health-check.ts';
import type { HostAddress } from './host-lookup.ts';
import {
  FORWARD_TIMING,
  type ForwardCounters,
  type ForwardOptions,
  type ForwardServices,
  type ForwardTiming,
} from './options.ts';
import { PathHealth } from './path-health.ts';
import { PathSet } from './path-set.ts';
import { RetryTimer } from './retry-timer.ts';
import { EveryAddress, FirstThatWorks, type Sender } from './sender.ts';
import { TargetAddresses, type TargetEvents } from './target-addresses.ts';

export type { ForwardOptions } from './options.ts';

const QUEUE_BYTES = 256 * 1024;
/** Limit at the end for a look-up, an open or a full system. */
const CLOSE_PATIENCE_MS = 1000;

export class ForwardOutput extends QueuedOutput {
  readonly kind = 'forward';
  readonly #counters: ForwardCounters;
  readonly #options: ForwardOptions;
  readonly #services: ForwardServices;
  readonly #timing: ForwardTiming;
  /** Health of the whole target, and of its addresses if only one is used at a time. */
  readonly #health = new PathHealth(this.account, this.name);
  readonly #addresses: TargetAddresses;
  readonly #paths: PathSet;
  readonly #sender: Sender;
  readonly #check: HealthCheck;
  readonly #retry = new RetryTimer(
    () => this.flush(),
    () => this.life.state === 'retrying',
  );
  #pumping = false;
  #givenUpCount = 0;

  constructor(options: ForwardOptions, services: ForwardServices) {
    const { pool, report } = services;
    const name = targetName(options.host, options.port);
    const counters: ForwardCounters = { ...createOutputCounters(), cut: 0 };
    super({ name, label: `loghost "${name}"`, pool, queueBytes: QUEUE_BYTES, report, counters });
    this.#counters = counters;
    this.#options = options;
    this.#services = services;
    this.#timing = options.timing ?? FORWARD_TIMING;
    const { checkMs, lookup } = this.#timing;
    const { host, family, allAddresses } = options;
    this.#paths = new PathSet(allAddresses, this.#health, (to) => this.#createPath(to));
    this.#sender = allAddresses ? new EveryAddress(this.#paths, checkMs) : new FirstThatWorks(this.#paths);
    this.#check = new HealthCheck({
      checkMs,
      poll: () => this.#poll(),
      healths: () => this.#paths.healths,
      ending: () => this.life.ending,
    });
    this.#addresses = new TargetAddresses(host, family, services.lookup, this.#targetEvents(), lookup);
  }

  override get counters(): ForwardCounters {
    return this.#counters;
  }

  /** `retrying` until a loss is over. */
  override get state(): OutputState {
    if (this.life.state !== 'open') return this.life.state;
    return this.#isFailing() ? 'retrying' : 'open';
  }

  /** Never fails and never waits: a target that is away now may be there later. */
  override open(): Promise<null> {
    this.#addresses.ask();
    return Promise.resolve(null);
  }

  /** With `-A`: sent to at least one address; what others did not get still counts as dropped. */
  override written(): number {
    if (!this.#options.allAddresses) return super.written();
    return Math.max(0, this.counters.accepted - this.#givenUpCount - this.countWaiting());
  }

  override refuse(messages: number): void {
    super.refuse(messages);
    this.#health.blame(this.#timing.checkMs);
  }

  /** Looks up the addresses again. */
  override reopen(): void {
    this.#addresses.ask();
  }

  override settle(): void {
    for (const { account } of this.#paths.healths) account.settle();
  }

  /** Sends as much of the queue as is possible now. */
  override flush(): void {
    if (this.#pumping || this.#paths.all.length === 0 || this.life.closed || this.succession.holds) return;
    this.#pumping = true;
    if (this.life.state === 'opening' && this.#reaches()) this.life.on('works');
    this.#send();
    this.#pumping = false;
    if (this.pendingBytes === 0 || this.#paths.all.every((path) => path.state === 'failed')) this.drained.over();
    if (this.#paths.leaveRefused()) this.#addresses.doubt();
    this.#check.watch();
  }

  protected override get ready(): boolean {
    return this.#reaches() && !this.#isFailing();
  }

  protected override evicted(records: number): void {
    super.evicted(records);
    this.#health.blame(this.#timing.checkMs);
  }

  protected override async writeRest(limitMs: number): Promise<void> {
    const waiting = this.#addresses.asking || this.#paths.all.some((path) => path.state === 'opening' || path.full);
    this.flush();
    if (waiting && this.pendingBytes > 0)
      await this.drained.until(Math.min(limitMs, performance.now() + CLOSE_PATIENCE_MS));
  }

  protected override giveUp(): Remainder {
    this.#addresses.stop();
    this.#retry.stop();
    this.#check.stop();
    const records = this.queue.clear();
    this.#givenUpCount += records;
    return { records, reason: QUEUE_IS_FULL };
  }

  protected override release(): void {
    this.#paths.close();
    for (const { account } of this.#paths.healths) account.close(0);
    const { cut } = this.#counters;
    if (cut > 0) this.#report(`cut ${cut} message${cut === 1 ? '' : 's'} to ${this.label}`);
  }

  #targetEvents(): TargetEvents {
    const { ownPlace } = this.#services;
    return {
      resolved: (addresses) => this.#resolved(addresses),
      failed: (error) => this.#unresolved(error),
      ownPlace: (address) => ownPlace(this.#inetAddress(address), this.#options.iface),
      looping: (place) => this.#looping(place),
    };
  }

  #resolved(found: readonly HostAddress[]): void {
    const first = this.#paths.all.length === 0;
    this.#paths.replace(found.map((address) => this.#inetAddress(address)));
    this.flush();
    // The first success of the look-up is reported even if nothing waits to be sent.
    if (first && this.account.failing && this.pendingBytes === 0) this.#sent();
  }

  #unresolved(error: Error): void {
    // Known addresses outlive a name server that is down.
    if (this.#paths.all.length > 0 || this.life.closed) return;
    this.#nowhere(`cannot resolve "${this.#options.host}" for ${this.label}: ${errorText(error)}: retrying`);
  }

  /** What is sent there would come back endlessly. */
  #looping(place: string): void {
    if (this.life.closed) return;
    this.#paths.replace([]);
    this.#nowhere(`not sending to ${this.label}: this daemon itself listens on UDP ${place}`);
  }

  #nowhere(reason: string): void {
    this.account.fail(reason);
    this.#health.blame(this.#timing.checkMs);
    this.life.on('fails');
    this.drained.over();
  }

  /** A scope stays after the `%` of the address. */
  #inetAddress({ family, address }: HostAddress): InetAddress {
    return { family, address, port: this.#options.port ?? SYSLOG_UDP_PORT, scopeId: 0 };
  }

  #createPath(to: InetAddress): ForwardPath {
    const { iface, ttl, payloadBytes, allAddresses } = this.#options;
    const { report, openLink } = this.#services;
    const { counters } = this;
    const account = allAddresses ? new LossAccount(`${this.label} (${to.address})`, report, { counters }) : null;
    return new ForwardPath({
      target: { to, iface, ttl, payloadBytes },
      health: account === null ? this.#health : new PathHealth(account, this.name),
      opener: openLink,
      settleMs: this.#timing.settleMs,
      changed: () => this.flush(),
      cut: (count) => this.#cut(count),
    });
  }

  #reaches(): boolean {
    return this.#paths.active.some((path) => path.state === 'open');
  }

  #isFailing(): boolean {
    return this.#paths.healths.some(({ account }) => account.failing);
  }

  #send(): void {
    for (let head = this.queue.head(); head !== null; head = this.queue.head()) {
      const taken = this.#sender.send(head);
      if (taken === 0) {
        this.#stuck();
        return;
      }
      this.queue.consume(taken);
      this.#sent();
    }
  }

  #sent(): void {
    this.#retry.sent();
    this.#health.sending = true;
    this.life.on('works');
    this.#check.arm();
  }

  #stuck(): void {
    const { obstacle, error } = this.#sender;
    if (obstacle === 'full') this.#retry.full();
    if (obstacle !== 'unreachable') return;
    // With `-A` each address reports for itself.
    if (!this.#options.allAddresses) this.#health.trouble(errorText(error), 0, this.#timing.checkMs);
    this.#addresses.doubt();
    this.life.on('fails');
    this.#retry.away();
  }

  #poll(): void {
    for (const path of this.#paths.all) path.poll();
    if (this.#paths.leaveRefused()) this.#addresses.doubt();
  }

  #cut(count: number): void {
    const { payloadBytes } = this.#options;
    if (this.#counters.cut === 0) this.#report(`cutting messages to ${this.label} longer than ${payloadBytes} bytes`);
    this.#counters.cut += count;
  }

  #report(text: string): void {
    this.#services.report(SEVERITY.notice, text);
  }
}
