/**
 * A status document of a daemon that has some trouble.
 */
import type { DaemonStatus } from '../../src/control/protocol.ts';

export const STATUS: DaemonStatus = {
  pid: 4711,
  version: '0.1.0',
  uptimeSec: 93_784,
  startedAt: '2026-11-20T03:00:00.000Z',
  state: 'running',
  receiver: 'batch',
  configuration: { file: '/etc/tsyslog.conf', number: 3, loadedAt: '2026-11-21T03:00:00.000Z', rules: 14 },
  totals: {
    received: 1_234_567,
    perSecond: 1234.5,
    parseFailures: 3,
    unrouted: 0,
    dropped: 120,
    cut: 1,
    refused: 2,
    suppressed: 9,
    own: 12,
    ownOmitted: 0,
  },
  inputs: [
    {
      name: '/dev/log',
      kind: 'log socket',
      state: 'open',
      received: 1e6,
      perSecond: 12.34,
      cut: 0,
      refused: 0,
      dropped: 0,
    },
    {
      name: 'UDP *:514',
      kind: 'udp',
      state: 'retrying',
      received: 234_567,
      perSecond: 0,
      cut: 1,
      refused: 2,
      dropped: 0,
    },
    { name: '/dev/kmsg', kind: 'kernel', state: 'closed', received: 0, perSecond: 0, cut: 0, refused: 0, dropped: 0 },
  ],
  outputs: [
    output('file "/var/log/messages"', 'open', 1_234_000, 0),
    { ...output('file "/var/log/a"', 'retrying', 0, 120), perSecond: 0, queuedBytes: 123_456, failures: 12 },
    output('loghost "@\u001b[31mevil\u202e"', 'retrying', 5, 0),
  ],
  memory: { rssBytes: 54_000_000 },
};

function output(name: string, state: string, written: number, dropped: number): DaemonStatus['outputs'][number] {
  return {
    name,
    kind: 'file',
    state,
    written,
    perSecond: 0.04,
    dropped,
    queuedBytes: 0,
    failures: 0,
    suppressed: 0,
    cut: 0,
  };
}
