/**
 * A daemon in its own network: `lo`, and two Ethernet interfaces `d0` (192.0.2.1, 2001:db8::1) and `d1` (198.51.100.1,
 * 2001:db8:1::1) that lead nowhere. Needs root, unshare(1), nsenter(1), ip(8).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { TestDaemon } from './daemon.ts';

const SCRIPT = `
set -e
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad 2>/dev/null || :
ip link set lo up
ip link add d0 type veth peer name p0
ip link add d1 type veth peer name p1
for dev in d0 p0 d1 p1; do ip link set "$dev" up multicast on; done
ip addr add 192.0.2.1/24 dev d0
ip addr add 198.51.100.1/24 dev d1
if [ -e /proc/sys/net/ipv6 ]; then
  ip addr add 2001:db8::1/64 dev d0 nodad
  ip addr add 2001:db8:1::1/64 dev d1 nodad
fi
exec "$@"
`;

/** The wrapper for {@link DaemonOptions}. */
export const OWN_NET: readonly string[] = ['unshare', '-n', 'bash', '-c', SCRIPT, 'own-net'];

/** Why this cannot be done here, or false. */
export function ownNetMissing(): string | false {
  if (process.getuid?.() !== 0) return 'needs root for a network of its own';
  const tried = spawnSync('env', [...OWN_NET, 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? false : `a network with veth interfaces cannot be made here: ${tried.stderr.trim()}`;
}

/** The wrapper for another process in the network of `daemon`. */
export function sameNet(daemon: TestDaemon): readonly string[] {
  return ['nsenter', '-n', '-t', `${daemon.child.pid}`];
}

/** Runs a program in the network of `daemon`. */
export function runInNet(daemon: TestDaemon, ...command: readonly string[]): void {
  const done = spawnSync('env', [...sameNet(daemon), ...command], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}
