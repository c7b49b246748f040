/**
 * One address of a forwarding target: opens a link to it, sends, notices when it fails, opens it again.
 *
 * It knows nothing of the queue. What it finds goes to a {@link PathHealth}, which all addresses of a target share if
 * only one of them is used.
 */
import { errorText } from '../../sys/call/error-text.ts';
import { SysError } from '../../sys/call/errors.ts';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import type { PathHealth } from './path-health.ts';
import type { LinkOpener, LinkResult, LinkTarget, UdpLink } from './udp-link.ts';

/** Minimum time between two attempts to open, whoever asks for them. */
const REOPEN_MS = 100;

export interface PathOptions {
  readonly target: LinkTarget;
  readonly health: PathHealth;
  readonly opener: LinkOpener;
  /** After a refusal. */
  readonly settleMs: number;
  /** The link was opened, or something happened to it. */
  readonly changed: () => void;
  /** Datagrams were cut. */
  readonly cut: (count: number) => void;
}

export type PathState = 'idle' | 'opening' | 'open' | 'failed' | 'closed';

export class ForwardPath {
  readonly #options: PathOptions;
  #state: PathState = 'idle';
  #link: UdpLink | null = null;
  #openedMs = Number.NEGATIVE_INFINITY;
  /** Why it does not work; null: it works, as far as is known. */
  error: unknown = null;
  /** The system has no room at present. */
  full = false;
  /** The peer refused since this was set to false. */
  refused = false;
  #toldLost = 0;
  #toldFailed = 0;
  #toldCut = 0;

  constructor(options: PathOptions) {
    this.#options = options;
  }

  get to(): InetAddress {
    return this.#options.target.to;
  }

  get health(): PathHealth {
    return this.#options.health;
  }

  get state(): PathState {
    return this.#state;
  }

  /** Opens the link unless it is open or was just tried. */
  open(): void {
    if (this.#state !== 'idle' && this.#state !== 'failed') return;
    const nowMs = performance.now();
    if (nowMs - this.#openedMs < REOPEN_MS) return;
    this.#openedMs = nowMs;
    this.#state = 'opening';
    this.#request((result) => {
      if (this.#state === 'closed') {
        if (result.ok) result.link.close();
        return;
      }
      if (result.ok) this.#adopt(result.link);
      else this.#failed(result.error);
    });
  }

  /** Sends whole records. @returns bytes taken; if that is not all, `full` or `error` says why */
  send(bytes: Buffer, begin: number, end: number): number {
    this.full = false;
    const link = this.#link;
    if (link === null) return 0;
    const taken = link.send(bytes, begin, end);
    if (taken > 0) this.health.sending = true;
    this.#note(link);
    if (link.trouble === 'full') this.full = true;
    else if (link.trouble !== null) this.#failed(link.trouble);
    return taken;
  }

  /** Checks for refusals that no send has met yet. */
  poll(): void {
    if (this.#link === null) return;
    this.#link.poll();
    this.#note(this.#link);
    if (!this.health.account.failing) this.#link.refusals.settle();
  }

  /**
   * Opens a second link, and switches to it if the system would now send from another address: a connected socket keeps
   * the address it was given.
   */
  renew(): void {
    if (this.#state !== 'open') {
      this.open();
      return;
    }
    this.#request((result) => {
      if (!result.ok) return;
      if (this.#state === 'open' && this.#link?.localAddress !== result.link.localAddress) this.#adopt(result.link);
      else result.link.close();
    });
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#drop();
  }

  #request(done: (result: LinkResult) => void): void {
    const { opener, target } = this.#options;
    let opened: UdpLink | null = null;
    opener(
      target,
      (result) => {
        if (result.ok) opened = result.link;
        done(result);
      },
      () => {
        if (opened === null || opened !== this.#link) return;
        this.#note(opened);
        this.#options.changed();
      },
    );
  }

  #adopt(link: UdpLink): void {
    this.#drop();
    this.#link = link;
    this.#toldLost = 0;
    this.#toldFailed = 0;
    this.#toldCut = 0;
    this.error = null;
    const wasOpening = this.#state === 'opening';
    this.#state = 'open';
    if (wasOpening) this.#options.changed();
  }

  #failed(error: unknown): void {
    this.#drop();
    const wasOpening = this.#state === 'opening';
    this.#state = 'failed';
    this.error = error;
    if (wasOpening) this.#options.changed();
  }

  #drop(): void {
    const link = this.#link;
    this.#link = null;
    if (link === null) return;
    link.close();
    this.#note(link);
  }

  /** Takes over the link's counts. */
  #note(link: UdpLink): void {
    const { cut, settleMs } = this.#options;
    const { refusals, failedCount, cutCount } = link;
    if (refusals.lostCount > this.#toldLost || failedCount > this.#toldFailed) {
      const lost = refusals.lostCount - this.#toldLost + failedCount - this.#toldFailed;
      if (refusals.lostCount > this.#toldLost) this.refused = true;
      this.#toldLost = refusals.lostCount;
      this.#toldFailed = failedCount;
      const reason = refusals.errno === 0 ? 'failed' : errorText(new SysError('sendto', refusals.errno));
      this.health.trouble(reason, lost, settleMs);
    }
    if (cutCount > this.#toldCut) {
      cut(cutCount - this.#toldCut);
      this.#toldCut = cutCount;
    }
  }
}
