/**
 * UDP sockets of the previous process that are no longer wanted, and are in the way of new ones until it has ended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../../../../src/cli/tsyslogd/options.ts';
import { NOTHING_INHERITED } from '../../../../src/engine/inputs/inherited.ts';
import { NetworkInputs } from '../../../../src/engine/inputs/network-inputs.ts';
import { InheritedSockets } from '../../../../src/input/datagram/inherited-sockets.ts';
import { InputOpener } from '../../../../src/input/input-opener.ts';
import { bindUdp, createUdpSocket } from '../../../../src/sys/socket/sockets.ts';
import { PathWatcher } from '../../../../src/sys/file/path-watch.ts';
import { parseText } from '../../../support/conf-source.ts';
import { fakeContext } from '../../../support/fake-transport.ts';
import { freeUdpPort } from '../../../support/ports.ts';

test('network: an address is bound as soon as the socket for every address is closed, not at the next attempt', async (t) => {
  const port = await freeUdpPort();
  const fd = createUdpSocket(4);
  const to = { family: 4, address: '0.0.0.0', port, scopeId: 0 } as const;
  bindUdp(fd, to);
  const { directives } = parseText(`listen 127.0.0.1:${port}\n`).configuration;
  const reports: string[] = [];
  const context = fakeContext(reports);
  const watcher = new PathWatcher();
  t.after(() => watcher.close());
  const record = { kind: 'udp', to, iface: null, host: null } as const;
  const opener = new InputOpener({
    ...context,
    kind: 'batch',
    watcher,
    family: null,
    inherited: new InheritedSockets([{ fd, record }], () => undefined),
  });
  const report = (_severity: number, text: string): void => void reports.push(text);
  const inputs = new NetworkInputs({
    settings: parseOptions([]),
    inherited: NOTHING_INHERITED,
    opener,
    report,
    mayRead: () => true,
  });
  t.after(() => {
    for (const input of inputs.inputs) input.close();
  });
  inputs.open(directives);
  const states = (): readonly string[] => inputs.listening.map(({ state }) => state);
  assert.deepEqual(states(), ['retrying']);
  inputs.released();
  assert.deepEqual(states(), ['open']);
});
