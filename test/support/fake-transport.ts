/**
 * A transport that reads nothing and records its calls, and the rest of what an input needs.
 */
import { Batch } from '../../src/dgram-parser/columns/batch.ts';
import { BatchClock } from '../../src/input/batch-clock.ts';
import { Peers } from '../../src/input/sender/peers.ts';
import type { SharedSocket } from '../../src/input/shared-socket.ts';
import type { InputContext, Transport } from '../../src/input/transport.ts';

export class FakeTransport implements Transport {
  /** In order; `leave` is a call to {@link shared}. */
  readonly calls: string[] = [];
  readonly shared: SharedSocket = {
    fd: 99,
    reportLosses: () => 0,
    skipLosses: () => undefined,
    leave: () => this.calls.push('leave'),
  };
  /** Called by `close`, which delivers the rest. */
  onClose: () => void = () => undefined;

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
  }

  close(): void {
    this.calls.push('close');
    this.onClose();
  }
}

/** @returns a context whose inputs report to `reports` and call `listening` whenever places change */
export function fakeContext(reports: string[], listening: () => void = () => undefined): InputContext {
  return {
    batch: new Batch(4, 1024),
    clock: new BatchClock(),
    peers: new Peers({ hostNames: { short: 'here', full: 'here.example.org', domain: 'example.org' }, reverse: null }),
    filter: null,
    receiveBufferBytes: 0,
    lossSettleMs: 0,
    events: { deliver: () => undefined, report: (_severity, text) => reports.push(text), listening },
  };
}
