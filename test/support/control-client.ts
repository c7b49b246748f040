/**
 * A client of the control socket that sends and receives exactly what a test wants, well-behaved or not.
 */
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { cleanUp } from './daemon.ts';
import { PATIENCE_MS, until } from './until.ts';

export class ControlClient {
  readonly socket: Socket;
  /** Everything received. */
  text = '';
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.text += text));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  /** Connects; closed at the end of the test. */
  static async open(context: TestContext, path: string): Promise<ControlClient> {
    const socket = connect({ path, allowHalfOpen: true });
    const client = new ControlClient(socket);
    cleanUp(context, () => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  say(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  ask(command: string): void {
    this.say(`${JSON.stringify({ command })}\n`);
  }

  /** Waits for a line. @returns the document in it */
  async line(number: number): Promise<unknown> {
    const whole = await until(
      `answer ${number} has come`,
      () => this.text.split('\n').slice(0, -1)[number],
      PATIENCE_MS,
      () => `${JSON.stringify(this.text)}${this.closed ? ', closed' : ''}`,
    );
    const parsed: unknown = JSON.parse(whole);
    return parsed;
  }

  async end(): Promise<void> {
    await until('the daemon has closed the connection', () => this.closed || this.socket.readableEnded);
  }
}

/** Sends one request on its own connection. @returns the first line of the answer */
export async function ask(context: TestContext, path: string, command: string): Promise<unknown> {
  const client = await ControlClient.open(context, path);
  client.ask(command);
  const answer = await client.line(0);
  client.socket.destroy();
  return answer;
}

/** A member of a document, at any depth: `at(answer, 'status', 'outputs', 0, 'written')`. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    const found: unknown = Object.entries(inner).find(([name]) => name === String(key))?.[1];
    return found;
  }, value);
}

/** As {@link at}, for a list: the entry whose member `name` ends in `suffix`. */
export function named(list: unknown, suffix: string): unknown {
  if (!Array.isArray(list)) return undefined;
  const entries: readonly unknown[] = list;
  return entries.find((entry) => String(at(entry, 'name')).endsWith(suffix));
}
