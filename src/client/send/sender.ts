/**
 * HOT PATH: send. Brings messages to the log daemon, in order, without blocking the event loop and without throwing.
 *
 *   state      socket            what waits is sent
 *   unopened   none              with the next message
 *   open       takes messages    nothing waits
 *   congested  is full           when it is writable
 *   absent     nobody listens    with the next message, and by a timer that grows from 50 ms to 2 s
 *   closed     none, for ever    never
 *
 * What waits is bounded; beyond that the newest message is dropped, counted, and told in the log. A full queue may
 * make a caller wait, for 3 ms at most, and again only as the daemon takes messages: so a loop that logs without a
 * pause loses nothing to a daemon that works, and a daemon that has stopped stops nobody. At the end of the thread
 * what is left is sent, see exit-flush.ts.
 */
import { type LinkKind, pause } from '../../sys/link/link.ts';
import { LinkOpener } from '../../sys/link/open-link.ts';
import type { MessageBuffer } from '../message/message-buffer.ts';
import { type Attempt, Connection, GONE, PART, SENT, TOO_LONG } from './connection.ts';
import { EXIT_FLUSH, type Leftover } from './exit-flush.ts';
import { writeConsole, writeStderr } from './last-resort.ts';
import { Losses, type LossReason, type OnLoss } from './losses.ts';
import { MessageQueue } from './message-queue.ts';

export interface SenderOptions {
  readonly path: string;
  readonly udpPort: number;
  readonly queueBytes: number;
  readonly exitMs: number;
  readonly consolePath: string;
  /** Named on standard error where messages are lost at the end. */
  readonly name: string;
  readonly onLoss: OnLoss | null;
  /** Makes the message that tells of losses, in memory of its own. */
  readonly makeNotice: (text: string) => MessageBuffer;
  /** For tests: another way to the daemon. */
  readonly opener?: Pick<LinkOpener, 'open'>;
}

type State = 'unopened' | 'open' | 'congested' | 'absent' | 'closed';

/** Messages sent in one go, so that the event loop gets its turn. */
const BURST = 128;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 2000;
/** Between two attempts to connect that messages cause. */
const CONNECT_PAUSE_MS = 5;
/** What callers may wait for room, and what each message that was taken adds to it again. */
const PATIENCE_MS = 3;
const PATIENCE_A_MESSAGE_MS = 0.05;
/** One pause while the thread ends. */
const EXIT_PAUSE_MS = 20;

export class Sender implements Leftover {
  /** Write to the console what the daemon does not get. */
  cons = false;
  readonly losses: Losses;
  readonly #options: SenderOptions;
  readonly #connection: Connection;
  readonly #queue: MessageQueue;
  #state: State = 'unopened';
  /** Notices of losses that wait, and what they tell. */
  #notices = { count: 0, losses: 0 };
  #patienceMs = PATIENCE_MS;
  #triedMs = Number.NEGATIVE_INFINITY;
  #retryMs = RETRY_FIRST_MS;
  #timer: NodeJS.Timeout | null = null;
  #isFinishing = false;
  readonly #waiting = new Set<() => void>();
  readonly #onRoom = (): void => this.#resume();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#connection = new Connection(options.opener ?? new LinkOpener(options));
    this.#queue = new MessageQueue(options.queueBytes);
    this.losses = new Losses(options.onLoss);
  }

  get exitMs(): number {
    return this.#options.exitMs;
  }

  /** Messages that wait. */
  get queued(): number {
    return this.#queue.count;
  }

  /** Messages that were taken, notices included. */
  get sent(): number {
    return this.#connection.sent;
  }

  get reconnects(): number {
    return this.#connection.reopened;
  }

  get transport(): LinkKind | 'none' {
    return this.#connection.kind;
  }

  /** @returns whether it has been sent; else it waits or was dropped */
  send(message: MessageBuffer): boolean {
    // While nothing waits, and where nothing can be taken in part, this is all.
    if (this.#state === 'open' && this.#connection.kind !== 'stream') {
      if (this.#connection.put(message.bytes, 0, message.len) === SENT) return true;
    }
    return this.#sendSlowly(message);
  }

  /** Connects now and not with the first message. */
  open(): void {
    if (this.#state === 'unopened') this.#connect();
  }

  /** Closes the socket, unless messages wait for it. The next message opens one. */
  release(): void {
    this.#advance();
    if (this.#queue.count > 0 || this.#state === 'closed') return;
    this.#connection.close(true);
    this.#become('unopened');
  }

  /** @returns a promise of whether all was sent within the time; it keeps the process from ending until then */
  flush(timeoutMs: number): Promise<boolean> {
    this.#advance();
    if (this.#isDone()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(this.#isDone());
      };
      const timer = setTimeout(settle, timeoutMs);
      this.#waiting.add(settle);
      this.#arm();
    });
  }

  /** As {@link Sender.flush}, with the thread blocked. */
  flushSync(timeoutMs: number): boolean {
    const deadlineMs = performance.now() + timeoutMs;
    this.#sendUntil(deadlineMs);
    if (this.#state !== 'closed') this.#arm();
    return this.#isDone();
  }

  /** The thread ends: sends what is left, and says what cannot be sent. */
  finish(deadlineMs: number): void {
    this.#isFinishing = true;
    this.#sendUntil(deadlineMs);
    this.#giveUpRest();
    this.#disarm();
    this.#reportQuietly();
    this.#isFinishing = false;
  }

  /** What is left is lost, and that is said; no message is taken any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#giveUpRest();
    this.#connection.close();
    this.#become('closed');
    this.#disarm();
  }

  #sendSlowly(message: MessageBuffer): boolean {
    if (this.#state === 'closed') return this.#drop(message, 'closed');
    this.#advance();
    if (this.#queue.count === 0 && this.#connection.isOpen) {
      const outcome = this.#tryMessage(message);
      if (outcome === SENT) return true;
      if (outcome === TOO_LONG) return this.#drop(message, 'too long');
      this.#become(outcome === GONE ? 'absent' : 'congested');
    }
    return this.#keep(message);
  }

  /** @returns false. */
  #keep(message: MessageBuffer): boolean {
    let { shownOff } = message;
    if (this.cons && this.#state === 'absent') {
      this.#show(message.bytes.subarray(shownOff, message.len));
      shownOff = -1;
    }
    const isKept = this.#queue.push(message.bytes, message.len, shownOff) || this.#keepAfterWait(message, shownOff);
    if (!isKept) this.#drop(message, 'queue full', shownOff);
    // The rest of it will never come.
    if (!isKept && this.#connection.isWithinMessage && this.#queue.count === 0) {
      this.#connection.close();
      this.#become('absent');
    }
    this.#arm();
    return false;
  }

  #keepAfterWait(message: MessageBuffer, shownOff: number): boolean {
    const ms = Math.floor(this.#patienceMs);
    if (!this.#connection.isOpen || ms < 1) return false;
    const begunMs = performance.now();
    this.#connection.waitForRoom(ms);
    this.#patienceMs -= performance.now() - begunMs;
    this.#advance();
    return this.#queue.push(message.bytes, message.len, shownOff);
  }

  /** @returns false. */
  #drop(message: MessageBuffer, reason: LossReason, shownOff = message.shownOff): boolean {
    if (this.cons && shownOff >= 0) this.#show(message.bytes.subarray(shownOff, message.len));
    this.losses.add(reason);
    if (reason === 'too long') this.#tellLosses();
    return false;
  }

  #show(shown: Uint8Array): void {
    writeConsole(this.#options.consolePath, shown);
  }

  /** Sends a message while none waits; connects anew where the daemon is gone. What a stream took in part goes on from the queue. */
  #tryMessage({ bytes, len }: MessageBuffer): Attempt {
    const attempt = this.#connection.put(bytes, 0, len);
    return attempt === GONE && this.#connect() ? this.#connection.put(bytes, 0, len) : attempt;
  }

  /** Does what can be done now: connects, sends what waits. Never waits. */
  #advance(): void {
    if (this.#state === 'closed') return;
    if (!this.#connection.isOpen && !this.#connectSometimes()) return;
    const before = this.sent;
    const outcome = this.#drain(BURST);
    if (outcome === GONE && this.#connect()) this.#drain(BURST);
    const progressMs = (this.sent - before) * PATIENCE_A_MESSAGE_MS;
    this.#patienceMs = Math.min(PATIENCE_MS, this.#patienceMs + progressMs);
    if (this.losses.areUntold && this.#connection.isOpen && this.#queue.isEasy) this.#tellLosses();
    this.#become(!this.#connection.isOpen ? 'absent' : this.#queue.count === 0 ? 'open' : 'congested');
    if (this.#queue.count === 0) this.#notices = { count: 0, losses: 0 };
    if (this.#isDone()) this.#disarm();
  }

  #drain(burst: number): Attempt {
    const queue = this.#queue;
    for (let left = burst; left > 0 && queue.count > 0; left--) {
      const outcome = this.#connection.put(queue.bytes, queue.firstOff, queue.firstLen);
      if (outcome === SENT) queue.shift();
      else if (outcome === TOO_LONG) this.#dropFirst('too long');
      else if (outcome !== PART) return outcome;
    }
    return SENT;
  }

  #dropFirst(reason: LossReason): void {
    const shown = this.#queue.takeShown();
    if (this.cons && shown !== null) this.#show(shown);
    this.#queue.shift();
    this.losses.add(reason);
  }

  /** Puts the notice behind what waits. */
  #tellLosses(): void {
    const { bytes, len } = this.#options.makeNotice(this.losses.notice());
    if (!this.#queue.push(bytes, len, -1)) return;
    this.#notices = { count: this.#notices.count + 1, losses: this.#notices.losses + this.losses.untold };
    this.losses.settle();
    this.#drain(BURST);
    this.#arm();
  }

  #connectSometimes(): boolean {
    const nowMs = performance.now();
    if (this.#state === 'absent' && nowMs - this.#triedMs < CONNECT_PAUSE_MS) return false;
    this.#triedMs = nowMs;
    return this.#connect();
  }

  #connect(): boolean {
    const isThere = this.#connection.open();
    if (isThere) this.#retryMs = RETRY_FIRST_MS;
    this.#become(!isThere ? 'absent' : this.#queue.count === 0 ? 'open' : 'congested');
    return isThere;
  }

  #become(state: State): void {
    if (this.#state !== 'closed') this.#state = state;
  }

  /** Nothing waits, and every loss is told; or nothing can be done any more. */
  #isDone(): boolean {
    if (this.#state === 'closed') return true;
    return this.#queue.count === 0 && !this.losses.areUntold;
  }

  /** Something waits: the socket or a timer calls when it is worth a try, and the end of the thread does. */
  #arm(): void {
    // A poll that is still on when the thread has ended would end the process: koffi calls back then, too.
    if (this.#isFinishing || this.#isDone() || !EXIT_FLUSH.add(this)) return;
    if (this.#connection.isOpen) {
      this.#connection.watch(this.#onRoom);
      return;
    }
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#triedMs = Number.NEGATIVE_INFINITY;
      this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
      this.#resume();
    }, this.#retryMs).unref();
  }

  #disarm(): void {
    EXIT_FLUSH.delete(this);
    this.#connection.unwatch();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const settle of [...this.#waiting]) settle();
  }

  #resume(): void {
    this.#advance();
    this.#arm();
  }

  /** Blocks the thread until all is sent or the time has come. */
  #sendUntil(deadlineMs: number): void {
    for (;;) {
      this.#triedMs = Number.NEGATIVE_INFINITY;
      const before = this.sent;
      this.#advance();
      if (this.#state === 'closed' || this.#isDone()) return;
      const leftMs = Math.ceil(deadlineMs - performance.now());
      if (leftMs <= 0) return;
      if (this.sent > before) continue;
      const ms = Math.min(leftMs, EXIT_PAUSE_MS);
      if (this.#connection.isOpen) this.#connection.waitForRoom(ms);
      else pause(ms);
    }
  }

  /** What waits is lost: shown on the console, or as a number on standard error, with the losses that nobody was told. */
  #giveUpRest(): void {
    const waiting = this.#queue.count - this.#notices.count;
    let unseen = 0;
    for (; this.#queue.count > 0; this.#queue.shift()) {
      const shown = this.#queue.takeShown();
      if (shown === null) continue;
      if (this.cons) this.#show(shown);
      else unseen++;
    }
    if (!this.cons) unseen += this.losses.untold + this.#notices.losses;
    this.losses.total += waiting;
    this.losses.settle();
    this.#notices = { count: 0, losses: 0 };
    if (unseen === 0) return;
    const { name, path } = this.#options;
    writeStderr(Buffer.from(`${name}: ${unseen} message${unseen === 1 ? '' : 's'} not sent to ${path}\n`));
  }

  #reportQuietly(): void {
    try {
      this.losses.report();
    } catch {
      // The thread ends: what others have left must still be sent.
    }
  }
}
