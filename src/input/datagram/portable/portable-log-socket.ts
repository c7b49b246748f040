/**
 * Log sockets without koffi: the package unix-dgram notices that there is something to read and returns the first
 * datagram, read(2) through node:fs reads the rest. There are no credentials.
 *
 * A datagram of more than 65,536 bytes is not counted as cut where `max_message` is that large: unix-dgram reads no
 * more than that and does not say so.
 */
import { readSync } from 'node:fs';
import { CRED_NONE, cutLen, F_CUT, ORIGIN, slotOff } from '../../../dgram-parser/columns/batch.ts';
import { errorCode } from '../../../sys/call/error-text.ts';
import { assertUnixPath } from '../../../sys/socket/sockaddr.ts';
import { withSpotSync } from '../../../sys/file/spot.ts';
import { nameForBind } from '../../../sys/socket/sockets.ts';
import { createUnixDgramSocket, isUnixDgramAlive, type UnixDgramSocket } from '../../../sys/socket/unix-dgram.ts';
import type { InputCounters } from '../../input.ts';
import { CutWatch } from '../../cut-watch.ts';
import { LossWatch } from '../../loss-watch.ts';
import { PortableQueue } from './datagram-queue.ts';
import type { InputContext, LogSocketOpener, OpenedLogSocket, Transport } from '../../transport.ts';

export const portableLogSocketOpener: LogSocketOpener = {
  open: (path, context, counters) => new BoundSocket(path, context, counters),
  isAlive: isUnixDgramAlive,
};

class BoundSocket implements OpenedLogSocket {
  readonly #socket: UnixDgramSocket;
  readonly #path: string;
  readonly #context: InputContext;
  readonly #counters: InputCounters;
  /** Null until `start`, which comes before the first datagram: that takes a turn of the event loop. */
  #transport: PortableLogSocket | null = null;

  constructor(path: string, context: InputContext, counters: InputCounters) {
    assertUnixPath(path);
    this.#path = path;
    this.#context = context;
    this.#counters = counters;
    this.#socket = createUnixDgramSocket();
    let failure: Error | null = null;
    this.#socket.on('error', (error) => {
      failure = error;
    });
    this.#socket.on('message', (datagram) => this.#transport?.push(datagram));
    try {
      withSpotSync(path, 'skip', (spot) => this.#socket.bind(nameForBind(path, spot)));
      if (failure !== null) throw failure;
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  start(paused: boolean): Transport {
    const transport = new PortableLogSocket(this.#socket, this.#path, this.#context, this.#counters, paused);
    this.#transport = transport;
    return transport;
  }

  discard(): void {
    this.#socket.close();
  }
}

class PortableLogSocket implements Transport {
  readonly shared = null;
  readonly #socket: UnixDgramSocket;
  readonly #context: InputContext;
  readonly #queue: PortableQueue;
  readonly #loss: LossWatch;
  readonly #cuts: CutWatch;
  #closed = false;

  constructor(socket: UnixDgramSocket, path: string, context: InputContext, counters: InputCounters, paused: boolean) {
    this.#socket = socket;
    this.#context = context;
    this.#cuts = new CutWatch({
      kind: 'log socket',
      label: path,
      limitBytes: context.batch.messageBytes,
      report: context.events.report,
      counters,
      settleMs: context.lossSettleMs,
    });
    this.#queue = new PortableQueue({
      origin: ORIGIN.local,
      context,
      counters,
      cuts: this.#cuts,
      paused,
      drain: () => this.#drain(),
      dropped: () => this.#loss.note(this.#queue.dropCount),
    });
    this.#loss = new LossWatch({
      label: path,
      cause: 'queue is full',
      report: context.events.report,
      counters,
      readDrops: () => this.#queue.dropCount,
      settleMs: context.lossSettleMs,
    });
  }

  push(datagram: Buffer): void {
    if (!this.#closed) this.#queue.push(datagram, 0);
  }

  pause(): void {
    this.#queue.pause();
  }

  resume(): void {
    this.#queue.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.close();
    this.#loss.close();
    this.#cuts.close();
    this.#socket.close();
  }

  /** Called only outside the poll phase: unix-dgram fails if it is woken and finds nothing. */
  #drain(): number {
    const { batch } = this.#context;
    const before = batch.count;
    while (batch.count < batch.rows) {
      const got = tryRead(this.#socket.fd, batch.bytes, slotOff(batch, batch.count), batch.messageBytes + 1);
      if (got < 0) break;
      this.#addRow(got);
    }
    return batch.count - before;
  }

  #addRow(got: number): void {
    const { batch } = this.#context;
    const row = batch.count;
    const cut = got > batch.messageBytes;
    if (cut) this.#cuts.add(1);
    batch.len[row] = cut ? cutLen(batch.bytes, batch.messageBytes, slotOff(batch, row)) : got;
    batch.flags[row] = cut ? F_CUT : 0;
    batch.origin[row] = ORIGIN.local;
    batch.peer[row] = 0;
    batch.credPid[row] = CRED_NONE;
    batch.credUid[row] = CRED_NONE;
    batch.credGid[row] = CRED_NONE;
    batch.count = row + 1;
  }
}

/** @returns bytes read, -1 where there is nothing */
function tryRead(fd: number, into: Buffer, offset: number, maxBytes: number): number {
  try {
    return readSync(fd, into, offset, maxBytes, null);
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return -1;
    throw error;
  }
}
