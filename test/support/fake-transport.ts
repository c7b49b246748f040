/**
 * A transport that reads nothing and remembers what was asked of it; what an input needs besides.
 */
import { Batch } from '../../src/dgram-parser/columns/batch.ts';
import { BatchClock } from '../../src/input/batch-clock.ts';
import { Peers } from '../../src/input/sender/peers.ts';
import type { SharedSocket } from '../../src/input/shared-socket.ts';
import type { InputContext, Transport } from '../../src/input/transport.ts';

export class FakeTransport implements Transport {
  /** In order; `leave` is one of {@link shared}. */
  readonly calls: string[] = [];
  readonly shared: SharedSocket = {
    fd: 99,
    reportLosses: () => 0,
    skipLosses: () => undefined,
    leave: () => this.calls.push('leave'),
  };
  /** Called by `close`, which delivers what was left. */
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

/** @returns a context whose inputs report into `reports` and count in `listening` how often places have changed */
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
