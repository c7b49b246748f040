/**
 * The open write end of a pipe or FIFO: takes what is waiting until it is full, gives others their turn in between, and
 * calls back when it can take more.
 */
import type { PipeWriter, TurnEnd } from './pipe-writer.ts';
import { WriteWait } from './write-wait.ts';

export class WriteEnd {
  readonly fd: number;
  readonly #writer: PipeWriter;
  readonly #wait: WriteWait;
  readonly #goOn: () => void;
  #turn: NodeJS.Immediate | null = null;

  /** @param goOn must call {@link write}: there is room again, or it is this end's turn again */
  constructor(fd: number, writer: PipeWriter, goOn: () => void) {
    this.fd = fd;
    this.#writer = writer;
    this.#goOn = goOn;
    this.#wait = new WriteWait(fd, goOn);
  }

  /** It was full, and has not taken anything since. */
  get full(): boolean {
    return this.#wait.armed;
  }

  /** It will call back: a write now would be in vain, or out of turn. */
  get waiting(): boolean {
    return this.#wait.armed || this.#turn !== null;
  }

  /**
   * Writes as much of what is waiting as is possible now.
   *
   * @throws the system's error, EPIPE if nobody reads
   */
  write(): TurnEnd {
    const end = this.#writer.write(this.fd);
    if (end === 'full') this.#wait.arm();
    if (end === 'more') this.#turn ??= setImmediate(this.#onTurn);
    return end;
  }

  /** Stops calling back. Call this before closing the descriptor. */
  close(): void {
    this.#wait.close();
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
  }

  readonly #onTurn = (): void => {
    this.#turn = null;
    this.#goOn();
  };
}
