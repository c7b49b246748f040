/**
 * The host that a row is written with: the one in the message, the sender's label, or this machine's name.
 */
import { type Batch, F_MSG_HOST, ORIGIN } from '../../dgram-parser/columns/batch.ts';
import type { HostLabel } from '../../format/record-format.ts';
import type * as route from '../../route/property.ts';

/** Labels of network senders, made safe for output. */
export interface PeerLabels {
  label(peer: number): Uint8Array;
}

/** HOT PATH. Holds one label at a time, that of the last row located. */
export class HostLabels implements HostLabel, route.HostLabels {
  bytes: Uint8Array;
  off = 0;
  len = 0;
  #local: Uint8Array;
  readonly #peers: PeerLabels;

  /** @param localName as written, without the domain */
  constructor(localName: string, peers: PeerLabels) {
    this.#local = Buffer.from(localName);
    this.#peers = peers;
    this.bytes = this.#local;
  }

  /** This machine has a new name. */
  rename(localName: string): void {
    this.#local = Buffer.from(localName);
  }

  locate(batch: Batch, row: number): void {
    if ((batch.flags[row]! & F_MSG_HOST) !== 0) {
      this.bytes = batch.bytes;
      this.off = batch.hostOff[row]!;
      this.len = batch.hostLen[row]!;
      return;
    }
    this.bytes = batch.origin[row] === ORIGIN.network ? this.#peers.label(batch.peer[row]!) : this.#local;
    this.off = 0;
    this.len = this.bytes.length;
  }
}
