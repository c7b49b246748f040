/**
 * The client of the control socket: one connection, one request, its answers. Source: tsyslogd(8), section CONTROL.
 *
 * Never hangs, whatever is at the other end: every wait has a time limit, every answer a length limit. Loads no part of
 * the daemon.
 */
import { connect, type Socket } from 'node:net';
import { errorCode, errorText } from '../../sys/call/error-text.ts';

/** Longest line of an answer: the status of thousands of outputs. */
const LINE_MAX_BYTES = 16 * 1024 * 1024;
const LF = 0x0a;

/** Why there is no answer. */
export type ControlFailure =
  /** Nobody listens: no socket, or one left behind. */
  | 'absent'
  /** Permission is denied. */
  | 'forbidden'
  /** Something listens but does not answer in time. */
  | 'silent'
  /** It closed the connection before answering. */
  | 'gone'
  /** Its answer is not a daemon's. */
  | 'garbled';

export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly kind: ControlFailure;

  constructor(kind: ControlFailure, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A JSON object, unchecked. */
export type Answer = Readonly<Record<string, unknown>>;

/** One line: its text, and the parsed object. */
export interface AnswerLine {
  readonly text: string;
  readonly answer: Answer;
}

/** A connection to the daemon. */
export class ControlClient {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #hasLine = false;
  #ended = false;
  #error: unknown = null;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#keep(chunk);
      this.#wake?.();
    });
    socket.on('error', (error) => {
      this.#error = error;
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  /** @throws ControlError */
  static open(path: string, limitMs: number): Promise<ControlClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path });
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new ControlError('silent', `no connection within ${limitMs / 1000} seconds`));
      }, limitMs);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new ControlClient(socket));
      });
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(new ControlError(failureOf(error), errorText(error)));
      });
    });
  }

  send(command: string): void {
    this.#socket.write(`${JSON.stringify({ command })}\n`);
  }

  /** The next line. @throws ControlError */
  async next(limitMs: number): Promise<AnswerLine> {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      const line = this.#takeLine();
      if (line !== null) return parseLine(line);
      if (this.#ended || this.#error !== null)
        throw new ControlError('gone', 'it closed the connection without answering');
      if (!(await this.#more(deadlineMs)))
        throw new ControlError('silent', `no answer within ${limitMs / 1000} seconds`);
    }
  }

  /** Resolves when the other end has closed the connection. @returns false after `limitMs` */
  async ended(limitMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + limitMs;
    while (!this.#ended && this.#error === null) if (!(await this.#more(deadlineMs))) return false;
    return true;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Waits for the next event. @returns false after the deadline */
  async #more(deadlineMs: number): Promise<boolean> {
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) return false;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => finish(false), leftMs);
      const finish = (result: boolean): void => {
        clearTimeout(timer);
        this.#wake = null;
        resolve(result);
      };
      this.#wake = () => finish(true);
    });
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#hasLine ||= chunk.includes(LF);
  }

  #takeLine(): Buffer | null {
    if (!this.#hasLine) {
      if (this.#bytes > LINE_MAX_BYTES) throw new ControlError('garbled', 'its answer is too long');
      return null;
    }
    const all = Buffer.concat(this.#chunks);
    const end = all.indexOf(LF);
    this.#chunks = [];
    this.#bytes = 0;
    this.#hasLine = false;
    this.#keep(all.subarray(end + 1));
    return all.subarray(0, end);
  }
}

function failureOf(error: unknown): ControlFailure {
  switch (errorCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'forbidden';
    // The backlog is full: nobody accepts connections.
    case 'EAGAIN':
      return 'silent';
    default:
      return 'absent';
  }
}

function parseLine(line: Buffer): AnswerLine {
  const text = line.toString('utf8');
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ControlError('garbled', 'its answer is not JSON');
  }
  if (!isObject(answer)) throw new ControlError('garbled', 'its answer is not an object');
  return { text, answer };
}

/** Whether it is a JSON object. */
export function isObject(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One request and its first answer. @throws ControlError */
export async function ask(path: string, command: string, limitMs: number): Promise<AnswerLine> {
  const client = await ControlClient.open(path, limitMs);
  try {
    client.send(command);
    return await client.next(limitMs);
  } finally {
    client.close();
  }
}
