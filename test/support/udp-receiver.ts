/**
 * A loghost for tests: keeps every datagram received, with the sender's port.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { PATIENCE_MS, until } from './until.ts';

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export class UdpReceiver {
  readonly messages: string[] = [];
  readonly sourcePorts: number[] = [];
  readonly port: number;
  readonly #socket: Socket;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on('message', (datagram, sender) => {
      this.messages.push(datagram.toString('latin1'));
      this.sourcePorts.push(sender.port);
    });
  }

  /** @param port 0: any free one */
  static async start(t: { after(done: () => unknown): void }, address = '127.0.0.1', port = 0): Promise<UdpReceiver> {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', ipv6Only: address.includes(':') });
    socket.bind(port, address);
    await once(socket, 'listening');
    const receiver = new UdpReceiver(socket);
    t.after(() => receiver.close());
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    return receiver;
  }

  /** Waits for the first `count` datagrams. */
  async received(count: number): Promise<readonly string[]> {
    await until(
      `${count} datagrams came`,
      () => this.messages.length >= count,
      PATIENCE_MS,
      () => `${this.messages.length} came, the last: ${this.messages.at(-1) ?? ''}`,
    );
    return this.messages;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}
