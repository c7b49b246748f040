/**
 * Writes messages to the terminals of users: everybody who is logged in, or those named.
 *
 * Each terminal is served separately, so that a stopped one delays no other. A user who is not logged in is not a
 * failure, nor is a terminal that refuses messages. terminal-text.ts makes the text.
 */
import { wallDate, type Zone } from '../../protocol/calendar.ts';
import type { OutputServices } from '../services.ts';
import { QueuedOutput, type Remainder } from '../queued-output.ts';
import { readSessions, type Session, SESSION_SOURCES, type SessionSources } from './sessions.ts';
import { type TerminalText, textForEverybody, textForUsers } from './terminal-text.ts';
import { type Delivery, UserTerminal } from './user-terminal.ts';
import { within } from '../within.ts';

/** During a flood, the list of sessions is refreshed this often. */
const SESSIONS_KEPT_MS = 200;
/** Room for one batch of messages. */
const QUEUE_BYTES = 1024 * 1024;
/** The rest of the time is for outputs that log what was lost. */
const RESERVE_MS = 500;
const LF = 0x0a;

/**
 * COMPAT(sysklogd 2.7.2): a terminal that its owner may not write to takes no messages. DEVIATION: one that refuses
 * messages from other users, mesg(1), gets only those to everybody, as from wall(1) of the superuser.
 */
const MODE_EVERYBODY = 0o200;
const MODE_USERS = 0o220;

export interface UserOutputOptions {
  /** Null: everybody. */
  readonly names: readonly string[] | null;
  readonly sources?: SessionSources;
}

export class UserOutput extends QueuedOutput {
  readonly kind = 'users';
  protected override readonly reserveMs = RESERVE_MS;
  readonly #names: readonly string[] | null;
  readonly #sources: SessionSources;
  readonly #text: TerminalText;
  readonly #zone: Zone;
  #written = 0;
  #sessions: readonly Session[] = [];
  #sessionsMs = Number.NEGATIVE_INFINITY;
  readonly #busy = new Map<string, { readonly terminal: UserTerminal; readonly done: Promise<void> }>();
  /** Terminals that took nothing when last tried. */
  readonly #stuck = new Set<string>();

  constructor({ names, sources }: UserOutputOptions, { pool, report, rotations }: OutputServices) {
    super({
      name: names === null ? '*' : names.join(','),
      label: names === null ? 'everybody' : `${names.length === 1 ? 'user' : 'users'} "${names.join(',')}"`,
      pool,
      queueBytes: QUEUE_BYTES,
      report,
    });
    this.#names = names;
    this.#sources = sources ?? SESSION_SOURCES;
    this.#text = names === null ? textForEverybody : textForUsers;
    this.#zone = rotations.clock.zone;
  }

  /** Does nothing: sessions are looked up for each message. */
  override open(): Promise<string | null> {
    this.life.on('works');
    return Promise.resolve(null);
  }

  /** Texts written, counted for each terminal. */
  override written(): number {
    return this.#written;
  }

  /** There is no order to keep: messages of the previous output are already on their way to each terminal. */
  override follow(): void {}

  override flush(nowMs: number): void {
    if (this.queue.queuedBytes === 0 || this.life.closed) return;
    if (nowMs - this.#sessionsMs >= SESSIONS_KEPT_MS) this.#lookForSessions(nowMs);
    const texts = this.#takeTexts();
    for (const { terminal } of this.#sessions) this.#send(terminal, texts);
  }

  protected override get ready(): boolean {
    return this.#busy.size === 0;
  }

  protected override async writeRest(limitMs: number): Promise<void> {
    this.flush(performance.now());
    const waiting = [...this.#busy.values()].map(({ done }) => done);
    await within(Promise.all(waiting), limitMs);
  }

  /** Includes what terminals did not take while draining. */
  protected override giveUp(): Remainder {
    const records = [...this.#busy.values()].reduce((sum, { terminal }) => sum + terminal.waiting, 0);
    return { records, reason: 'time ran out', counted: this.droppedAtEnd };
  }

  /** Finds the sessions that messages go to, each terminal once. */
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
    // Its waiting messages have been counted as lost.
    if (this.life.closed) return;
    this.#written += written;
    if (reason === null) this.#stuck.delete(terminal);
    else {
      this.#stuck.add(terminal);
      this.account.lose(lost, `terminal "${terminal}": ${reason}`);
    }
    this.#recover();
  }

  #recover(): void {
    if (this.#stuck.size === 0) this.account.recover();
  }
}
