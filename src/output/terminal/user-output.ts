/**
 * Writes messages to the terminals of users: of everybody logged in, or of those named.
 *
 * Each terminal is served on its own, so that one that is stopped delays no other. A user who is not logged in is
 * no failure, and neither is a terminal that wants no messages. Text: terminal-text.ts.
 */
import { wallDate, type Zone } from '../../protocol/calendar.ts';
import { LineQueue } from '../../queue/line-queue.ts';
import type { OutputServices } from '../services.ts';
import { LossAccount } from '../loss-account.ts';
import type { Output, OutputCounters, OutputState } from '../output.ts';
import { OutputLife } from '../life.ts';
import { readSessions, type Session, SESSION_SOURCES, type SessionSources } from './sessions.ts';
import { type TerminalText, textForEverybody, textForUsers } from './terminal-text.ts';
import { type Delivery, UserTerminal } from './user-terminal.ts';
import { within } from '../within.ts';

/** A flood looks for sessions this often. */
const SESSIONS_KEPT_MS = 200;
/** One batch of messages fits. */
const QUEUE_BYTES = 1024 * 1024;
/** What is left before the deadline, for those that log what was lost. */
const RESERVE_MS = 500;
const LF = 0x0a;

/**
 * COMPAT(sysklogd 2.7.2): a terminal that its owner may not write to takes no messages. DEVIATION: one that refuses
 * those of other users, mesg(1), gets those to everybody only, as from wall(1) of the superuser.
 */
const MODE_EVERYBODY = 0o200;
const MODE_USERS = 0o220;

export interface UserOutputOptions {
  /** Null: everybody. */
  readonly names: readonly string[] | null;
  readonly sources?: SessionSources;
}

export class UserOutput implements Output {
  readonly kind = 'users';
  /** `*` for everybody. */
  readonly name: string;
  readonly label: string;
  readonly queue: LineQueue;
  readonly crlf = false;
  readonly #names: readonly string[] | null;
  readonly #sources: SessionSources;
  readonly #text: TerminalText;
  readonly #zone: Zone;
  readonly #account: LossAccount;
  readonly #life = new OutputLife();
  /** Records dropped when the end began. */
  #droppedBefore = 0;
  #lostAtEnd = 0;
  #written = 0;
  #sessions: readonly Session[] = [];
  #sessionsMs = Number.NEGATIVE_INFINITY;
  readonly #busy = new Map<string, { readonly terminal: UserTerminal; readonly done: Promise<void> }>();
  /** Terminals that took nothing when last tried. */
  readonly #stuck = new Set<string>();

  constructor(options: UserOutputOptions, services: OutputServices) {
    const { names } = options;
    this.label = names === null ? 'everybody' : `${names.length === 1 ? 'user' : 'users'} "${names.join(',')}"`;
    this.name = names === null ? '*' : names.join(',');
    this.#names = names;
    this.#sources = options.sources ?? SESSION_SOURCES;
    this.#text = names === null ? textForEverybody : textForUsers;
    this.#zone = services.rotations.clock.zone;
    this.queue = new LineQueue(services.pool, QUEUE_BYTES, {
      evicted: (records) => this.#account.evict(records),
    });
    this.#account = new LossAccount(this.label, services.report);
  }

  get state(): OutputState {
    return this.#life.state;
  }

  get counters(): OutputCounters {
    return this.#account.counters;
  }

  open(): Promise<string | null> {
    this.#life.on('works');
    return Promise.resolve(null);
  }

  /** Texts written to terminals, each terminal counted. */
  written(): number {
    return this.#written;
  }

  refuse(records: number): void {
    this.#account.refuse(records);
  }

  congested(): boolean {
    return false;
  }

  settle(): void {
    this.#account.settle();
  }

  /** Sessions are looked for anew anyway. */
  reopen(): void {}

  flush(nowMs: number): void {
    if (this.queue.queuedBytes === 0 || this.#life.closed) return;
    if (nowMs - this.#sessionsMs >= SESSIONS_KEPT_MS) this.#lookForSessions(nowMs);
    const texts = this.#takeTexts();
    for (const { terminal } of this.#sessions) this.#send(terminal, texts);
  }

  async drain(deadlineMs: number): Promise<void> {
    if (!this.#life.ending) this.#droppedBefore = this.counters.dropped;
    this.#life.on('drain');
    this.flush(performance.now());
    const waiting = [...this.#busy.values()].map(({ done }) => done);
    await within(Promise.all(waiting), deadlineMs - RESERVE_MS);
  }

  get sound(): boolean {
    return this.#busy.size === 0 && !this.#account.failing;
  }

  async close(deadlineMs: number): Promise<number> {
    if (this.#life.closed) return this.#lostAtEnd;
    await this.drain(deadlineMs);
    if (this.#life.closed) return this.#lostAtEnd;
    this.#life.on('close');
    for (const { terminal } of this.#busy.values()) this.#account.lose(terminal.waiting, 'there was no more time');
    this.#account.close(0);
    this.#lostAtEnd = this.counters.dropped - this.#droppedBefore;
    return this.#lostAtEnd;
  }

  /** Keeps those that messages go to, each terminal once. */
  #lookForSessions(nowMs: number): void {
    this.#sessionsMs = nowMs;
    const names = this.#names;
    const wanted = readSessions(this.#sources).filter(({ user }) => names === null || names.includes(user));
    const byTerminal = new Map(wanted.map((session) => [session.terminal, session]));
    this.#sessions = [...byTerminal.values()];
    for (const terminal of this.#stuck) if (!byTerminal.has(terminal)) this.#stuck.delete(terminal);
    this.#recover();
  }

  #takeTexts(): readonly Buffer[] {
    const now = wallDate(this.#zone, Date.now());
    const texts: Buffer[] = [];
    for (let head = this.queue.head(); head !== null; head = this.queue.head()) {
      const end = head.bytes.indexOf(LF, head.begin);
      if (this.#sessions.length > 0) texts.push(this.#text(head.bytes.subarray(head.begin, end), now));
      this.queue.consume(end + 1 - head.begin);
    }
    return texts;
  }

  #send(path: string, texts: readonly Buffer[]): void {
    const known = this.#busy.get(path)?.terminal;
    const terminal = known ?? new UserTerminal(path, this.#names === null ? MODE_EVERYBODY : MODE_USERS);
    for (const text of texts) terminal.add(text);
    if (known !== undefined) return;
    this.#busy.set(path, { terminal, done: this.#serve(path, terminal) });
  }

  async #serve(path: string, terminal: UserTerminal): Promise<void> {
    do this.#note(await terminal.deliver());
    while (terminal.waiting > 0);
    this.#busy.delete(path);
  }

  #note({ terminal, written, lost, reason }: Delivery): void {
    // What it had was counted as lost at the end.
    if (this.#life.closed) return;
    this.#written += written;
    if (reason === null) this.#stuck.delete(terminal);
    else {
      this.#stuck.add(terminal);
      this.#account.lose(lost, `terminal "${terminal}": ${reason}`);
    }
    this.#recover();
  }

  #recover(): void {
    if (this.#stuck.size === 0) this.#account.recover();
  }
}
