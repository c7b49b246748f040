/**
 * A log socket that a test reads by itself, when it wants to: nothing is read meanwhile, so that it can be full.
 */
import { once } from 'node:events';
import { readSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { errorCode } from '../../src/sys/call/error-text.ts';
import { bindUnix, closeSocket, createUnixSocket } from '../../src/sys/socket/sockets.ts';
import { cleanUp } from './daemon.ts';
import { PATIENCE_MS } from './until.ts';

const BYTES = 1024 * 1024;
const POLL_MS = 2;

export class LogReceiver {
  readonly path: string;
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(BYTES);
  #isOpen = true;

  constructor(path: string) {
    this.path = path;
    this.#fd = createUnixSocket();
    bindUnix(this.#fd, path);
  }

  /** @returns one that is closed with the test */
  static open(context: TestContext, path: string): LogReceiver {
    const receiver = new LogReceiver(path);
    cleanUp(context, () => receiver.close());
    return receiver;
  }

  /** @returns the next datagram, null where there is none now */
  read(): string | null {
    try {
      return this.#bytes.toString('utf8', 0, readSync(this.#fd, this.#bytes));
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') return null;
      throw error;
    }
  }

  /** @returns all that there is now */
  readAll(): string[] {
    const found: string[] = [];
    for (let next = this.read(); next !== null; next = this.read()) found.push(next);
    return found;
  }

  /** Reads until `isEnough`, while others may send. */
  async readUntil(what: string, isEnough: (found: readonly string[]) => boolean): Promise<string[]> {
    const found: string[] = [];
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      found.push(...this.readAll());
      if (isEnough(found)) return found;
      if (performance.now() > deadline)
        throw new Error(
          `waited in vain until ${what}: ${found.length} messages, the last: ${found.slice(-3).join('|')}`,
        );
      await delay(POLL_MS);
    }
  }

  /** As a daemon that ends: the socket and its path go. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSocket(this.#fd);
    rmSync(this.path, { force: true });
  }
}

/** A log socket of type stream. */
export interface StreamReceiver {
  /** All bytes so far, of all connections. */
  readonly text: () => string;
  readonly pause: () => void;
  readonly resume: () => void;
}

export async function openStreamReceiver(context: TestContext, path: string): Promise<StreamReceiver> {
  const pieces: Buffer[] = [];
  let isPaused = false;
  const sockets = new Set<import('node:net').Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    if (isPaused) socket.pause();
    socket.on('error', () => undefined);
    socket.on('data', (piece: Buffer) => pieces.push(piece));
  });
  server.listen(path);
  await once(server, 'listening');
  cleanUp(context, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    text: () => Buffer.concat(pieces).toString('utf8'),
    pause: () => {
      isPaused = true;
      for (const socket of sockets) socket.pause();
    },
    resume: () => {
      isPaused = false;
      for (const socket of sockets) socket.resume();
    },
  };
}

/** The text of a message behind its tag. */
export function textOf(message: string): string {
  return message.replace(/^[^:]*:\d\d:\d\d [^:]*: /, '');
}
