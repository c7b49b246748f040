/**
 * Sends messages over a connection, which it makes anew where a message cannot be sent, and prints them where that is
 * wanted.
 */
import { type Connection, type Network, openConnection, type OpenOptions, type Place } from './connection.ts';
import { strerror } from '../failure.ts';

export interface SenderOptions extends OpenOptions {
  readonly place: Place;
  readonly noAct: boolean;
  readonly octetCount: boolean;
  /** Each message on standard error, too. */
  readonly copy: ((text: string) => void) | null;
  readonly warn: (text: string) => void;
}

const EBADF = -9;
/** A queue that stayed full as long as it was waited for. */
const EAGAIN = -11;

/** Holds the connection; null: there is none. */
export class Sender {
  readonly #network: Network;
  readonly #options: SenderOptions;
  #connection: Connection | null = null;
  /** Once it is known what listens there, nothing else is tried. */
  #kinds: OpenOptions['kinds'];
  #lost = 0;
  /** Messages sent over this connection, and over those that broke afterwards. */
  #sent = 0;
  #unsure = 0;

  constructor(network: Network, options: SenderOptions) {
    this.#network = network;
    this.#options = options;
    this.#kinds = options.kinds;
  }

  /** Messages that could not be sent. */
  get lost(): number {
    return this.#lost;
  }

  /** @throws LoggerFailure */
  async open(): Promise<void> {
    this.#connection?.close();
    this.#connection = null;
    const { place, complain } = this.#options;
    this.#connection = await openConnection(this.#network, place, { kinds: this.#kinds, complain });
    if (this.#connection !== null) this.#kinds = [this.#connection.kind];
  }

  /** @throws LoggerFailure: the connection is lost and cannot be made anew */
  async write(header: string, text: string): Promise<void> {
    const { noAct, octetCount, copy } = this.#options;
    if (!noAct && this.#connection === null) await this.open();
    const count = octetCount ? `${header.length + text.length} ` : '';
    const isSent = !noAct && this.#connection !== null;
    const end = isSent && this.#connection?.kind === 'stream' && !octetCount ? '\n' : '';
    const message = `${count}${header}${text}`;
    if (isSent) await this.#send(Buffer.from(`${message}${end}`, 'latin1'));
    else if (!noAct) this.#lost++;
    // COMPAT(util-linux): a text that begins with a newline is taken for one that ends with it.
    copy?.(end !== '' || text.startsWith('\n') ? `${message}${end}` : `${message}\n`);
  }

  /** @returns null: all has been taken; else why not */
  async taken(): Promise<string | null> {
    if (this.#options.noAct) return null;
    if (this.#lost > 0) return `${this.#lost} could not be sent`;
    if (this.#unsure > 0) return `the connection broke after ${this.#unsure} had been sent`;
    return this.#connection === null ? 'nobody listens' : await this.#connection.taken();
  }

  close(): void {
    this.#connection?.close();
  }

  async #send(bytes: Buffer): Promise<void> {
    let failure = (await this.#connection?.send(bytes)) ?? EBADF;
    if (failure !== 0 && failure !== EAGAIN) {
      this.#unsure += this.#sent;
      this.#sent = 0;
      await this.open();
      failure = (await this.#connection?.send(bytes)) ?? EBADF;
    }
    if (failure === 0) {
      this.#sent++;
      return;
    }
    this.#lost++;
    this.#options.warn(`send message failed: ${strerror(failure)}`);
    if (this.#connection?.kind === 'stream') this.#dropConnection();
  }

  /** Part of a message may have been sent. */
  #dropConnection(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#unsure += this.#sent;
    this.#sent = 0;
  }
}
