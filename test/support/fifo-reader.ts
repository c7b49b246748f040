/**
 * A reader of a FIFO inside the test: it reads as soon as `open` returns, whether or not somebody writes, and blocks no
 * thread, so that a failing test does not hang. Source: fifo(7), open(2) O_NONBLOCK.
 */
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { cleanUp } from './daemon.ts';
import { PATIENCE_MS, until } from './until.ts';

export class FifoReader {
  /** What was read. */
  text = '';
  /** Nobody writes any more. */
  ended = false;
  readonly #socket: Socket;

  private constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    this.#socket.on('end', () => (this.ended = true));
  }

  /** @param path of an existing FIFO; closed at the end of the test */
  static open(t: TestContext, path: string): FifoReader {
    const reader = new FifoReader(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    cleanUp(t, () => reader.close());
    return reader;
  }

  has(pattern: RegExp): Promise<unknown> {
    return until(
      `the reader has ${pattern}`,
      () => pattern.test(this.text),
      PATIENCE_MS,
      () => this.text.slice(-500),
    );
  }

  /** Waits until nobody writes any more. */
  async end(): Promise<void> {
    await until('the reader sees the end', () => this.ended);
  }

  /** Stops reading; resolves when nobody reads any more. */
  async close(): Promise<void> {
    if (this.#socket.closed) return;
    this.#socket.destroy();
    await once(this.#socket, 'close');
  }
}
