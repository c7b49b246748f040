/**
 * The connection between the two processes of a restart: JSON documents, one per line, in both directions.
 */
import type { Duplex } from 'node:stream';
import { HandOverError, type NewMessage, type OldMessage } from './protocol.ts';

/** Lines in both directions. */
export class HandOverChannel {
  readonly #stream: Duplex;
  readonly #lines: string[] = [];
  #rest = '';
  #ended = false;
  #waiting: (() => void) | null = null;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
    stream.on('error', () => this.#end());
    stream.on('close', () => this.#end());
    stream.on('end', () => this.#end());
  }

  send(message: OldMessage | NewMessage): void {
    if (!this.#stream.destroyed) this.#stream.write(`${JSON.stringify(message)}\n`);
  }

  /**
   * @returns the next document, unchecked; null: the other process is gone; undefined: nothing arrived in time
   * @throws HandOverError for a line that is not JSON
   */
  async next(timeoutMs: number): Promise<unknown> {
    if (this.#lines.length === 0 && !this.#ended) await this.#wait(timeoutMs);
    const line = this.#lines.shift();
    if (line === undefined) return this.#ended ? null : undefined;
    try {
      const document: unknown = JSON.parse(line);
      return document;
    } catch {
      throw new HandOverError('the other process sent something that is not JSON');
    }
  }

  /** Resolves when everything that was sent is on its way, or after a while; then closes. */
  async finish(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const over = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#stream.once('close', over);
      if (this.#stream.destroyed) over();
      else this.#stream.end(over);
    });
    this.close();
  }

  close(): void {
    this.#stream.destroy();
    this.#end();
  }

  async #wait(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#waiting = null;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    this.#lines.push(...lines);
    if (lines.length > 0) this.#waiting?.();
  }

  #end(): void {
    this.#ended = true;
    this.#waiting?.();
  }
}
