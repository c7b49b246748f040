/**
 * One client of the control socket: lines in, lines out, one request at a time.
 *
 * A client may be hostile. Up to {@link REQUEST_MAX_BYTES} of input are kept, and nothing is read while a request is in
 * progress or an answer is untaken. Between two requests the event loop gets a turn. A client that neither sends nor
 * reads for the idle time is disconnected.
 */
import type { Socket } from 'node:net';
import {
  type ControlAnswer,
  type ControlCommand,
  type ControlEnded,
  formatAnswer,
  parseRequest,
  REQUEST_MAX_BYTES,
} from './protocol.ts';

const LF = 0x0a;

/** The outcome of a request. */
export interface ControlOutcome {
  readonly answer: ControlAnswer;
  /** The connection stays open until the daemon has ended, and then gets a second line. */
  readonly untilEnd?: true;
  /** Called once the answer is on its way. */
  readonly afterwards?: () => void;
}

/** Carries out a command; must not reject. */
export type ControlHandler = (command: ControlCommand) => Promise<ControlOutcome>;

export interface ConnectionOptions {
  readonly handle: ControlHandler;
  /** Limit between two requests, and for an answer to be taken. */
  readonly idleMs: number;
  readonly closed: () => void;
}

export class ControlConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  /** `reading`: a request may arrive; `busy`: one is in progress; `parting`: the last answer is on its way. */
  #state: 'reading' | 'busy' | 'waiting for the end' | 'parting' | 'closed' = 'reading';
  #received: Buffer = Buffer.alloc(0);
  /** The client sends no more. */
  #inputEnded = false;
  #idle: NodeJS.Timeout | null = null;

  /** @param socket created with `allowHalfOpen`, so that a client that has stopped sending still gets its answer */
  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => {
      this.#inputEnded = true;
      if (this.#state === 'reading') this.#next();
    });
    // The client died; `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
    this.#armIdle();
  }

  /** The daemon has ended; tells clients that asked for it. */
  ended(status: ControlEnded['status']): void {
    if (this.#state === 'waiting for the end') this.#part(formatAnswer({ ended: true, status }));
  }

  /** Closes after the current request is answered. */
  finish(): void {
    this.#inputEnded = true;
    this.#received = Buffer.alloc(0);
    if (this.#state === 'reading') this.#part(null);
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#state === 'parting' || this.#state === 'closed') return;
    if (this.#state === 'waiting for the end') return;
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    if (this.#state === 'reading') this.#next();
  }

  /** Starts the next request, if there is one. */
  #next(): void {
    const bytes = this.#received;
    const end = bytes.subarray(0, REQUEST_MAX_BYTES + 1).indexOf(LF);
    if (end === -1 && bytes.length > REQUEST_MAX_BYTES) {
      this.#part(formatAnswer({ ok: false, error: `bad request: longer than ${REQUEST_MAX_BYTES} bytes` }));
      return;
    }
    if (end !== -1) {
      this.#received = bytes.subarray(end + 1);
      this.#run(bytes.subarray(0, end));
    } else if (this.#inputEnded && bytes.length > 0) {
      this.#received = Buffer.alloc(0);
      this.#run(bytes);
    } else if (this.#inputEnded) this.#part(null);
    else this.#socket.resume();
  }

  #run(line: Buffer): void {
    this.#state = 'busy';
    this.#socket.pause();
    this.#disarmIdle();
    const request = parseRequest(line);
    if (!request.ok) {
      this.#answer({ answer: { ok: false, error: request.error } });
      return;
    }
    void this.#options.handle(request.command).then((outcome) => this.#answer(outcome));
  }

  #answer(outcome: ControlOutcome): void {
    if (this.#state === 'busy') this.#send(outcome);
    outcome.afterwards?.();
  }

  #send({ answer, untilEnd }: ControlOutcome): void {
    const taken = this.#socket.write(formatAnswer(answer));
    if (untilEnd === true) {
      this.#state = 'waiting for the end';
      // Keeps reading to see the end; further input is ignored.
      this.#received = Buffer.alloc(0);
      this.#socket.resume();
      return;
    }
    this.#armIdle();
    if (taken) setImmediate(this.#onTurn);
    else this.#socket.once('drain', this.#onTurn);
  }

  readonly #onTurn = (): void => {
    if (this.#state !== 'busy') return;
    this.#state = 'reading';
    this.#next();
  };

  /** Sends the last line. A client that does not take it within the idle time is disconnected. */
  #part(lastLine: string | null): void {
    this.#state = 'parting';
    this.#received = Buffer.alloc(0);
    this.#armIdle();
    const socket = this.#socket;
    const gone = (): void => {
      socket.destroy();
    };
    if (lastLine === null) socket.end(gone);
    else socket.end(lastLine, gone);
  }

  #closed(): void {
    this.#state = 'closed';
    this.#received = Buffer.alloc(0);
    this.#disarmIdle();
    this.#options.closed();
  }

  #armIdle(): void {
    this.#disarmIdle();
    this.#idle = setTimeout(() => this.destroy(), this.#options.idleMs);
  }

  #disarmIdle(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }
}
