/**
 * HOT PATH: put. The socket of a sender: opened anew when the daemon behind it has gone, and one attempt at a time to
 * write a message to it.
 */
import { ERRNO } from '../../sys/call/errors.ts';
import type { Link, LinkKind } from '../../sys/link/link.ts';
import type { LinkOpener } from '../../sys/link/open-link.ts';

/** What became of one attempt. */
export const SENT = 0;
/** There is no room. */
export const FULL = 1;
/** Nobody listens any more: the socket is closed. */
export const GONE = 2;
export const TOO_LONG = 3;
/** A stream took a part: the next attempt must be with the same message. */
export const PART = 4;
export type Attempt = typeof SENT | typeof FULL | typeof GONE | typeof TOO_LONG | typeof PART;

export class Connection {
  /** Messages taken. */
  sent = 0;
  /** Sockets opened after the first one. */
  reopened = 0;
  readonly #opener: Pick<LinkOpener, 'open'>;
  #link: Link | null = null;
  /** What a stream has taken of a message. */
  #partBytes = 0;
  #wasOpen = false;

  constructor(opener: Pick<LinkOpener, 'open'>) {
    this.#opener = opener;
  }

  get kind(): LinkKind | 'none' {
    return this.#link?.kind ?? 'none';
  }

  get isOpen(): boolean {
    return this.#link !== null;
  }

  /** A message has been begun on a stream. */
  get isWithinMessage(): boolean {
    return this.#partBytes > 0;
  }

  /** Closes what is open. @returns whether somebody is there */
  open(): boolean {
    this.close();
    const link = this.#opener.open();
    if (typeof link === 'number') return false;
    if (this.#wasOpen) this.reopened++;
    this.#wasOpen = true;
    this.#link = link;
    return true;
  }

  /** @param forgets the next socket counts as the first one */
  close(forgets = false): void {
    this.#link?.close();
    this.#link = null;
    // A new socket begins with a whole message.
    this.#partBytes = 0;
    if (forgets) this.#wasOpen = false;
  }

  /** Tries a message, or what is left of it; behind its `len` bytes lies a NUL. */
  put(bytes: Buffer, off: number, len: number): Attempt {
    const link = this.#link;
    if (link === null) return GONE;
    const size = (link.kind === 'stream' ? len + 1 : len) - this.#partBytes;
    const taken = link.send(bytes, off + this.#partBytes, size);
    if (taken === size) {
      this.#partBytes = 0;
      this.sent++;
      return SENT;
    }
    if (taken < 0) return this.#judge(taken);
    this.#partBytes += taken;
    return PART;
  }

  /** See {@link Link}. */
  waitForRoom(maxMs: number): void {
    this.#link?.waitForRoom(maxMs);
  }

  watch(callback: () => void): void {
    this.#link?.watch(callback);
  }

  unwatch(): void {
    this.#link?.unwatch();
  }

  #judge(errno: number): Attempt {
    if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOBUFS || errno === ERRNO.ENOMEM) return FULL;
    if (errno === ERRNO.EMSGSIZE) return TOO_LONG;
    this.close();
    return GONE;
  }
}
