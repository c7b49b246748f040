import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { identifySocket, prepareInherited } from '../../../../src/sys/socket/passed-socket.ts';
import {
  bindUdp,
  bindUnix,
  closeSocket,
  createBlockingUnixSocket,
  createUdpSocket,
  createUnixSocket,
} from '../../../../src/sys/socket/sockets.ts';
import { builtPath } from '../../../support/project.ts';
import { run, temporaryDirectory } from '../../../support/receiving.ts';

test('identifySocket tells a log socket by its path', (t) => {
  const path = `${temporaryDirectory(t)}/log`;
  const fd = createUnixSocket();
  t.after(() => closeSocket(fd));
  assert.deepEqual(identifySocket(fd), { kind: 'local', fd, path: '' });
  bindUnix(fd, path);
  assert.deepEqual(identifySocket(fd), { kind: 'local', fd, path });
});

for (const family of [4, 6] as const)
  test(`identifySocket tells a UDP socket of IPv${family} by its address`, (t) => {
    const fd = createUdpSocket(family);
    t.after(() => closeSocket(fd));
    const address = family === 4 ? '127.0.0.1' : '::1';
    bindUdp(fd, { family, address, port: 0, scopeId: 0 });
    const found = identifySocket(fd);
    assert.equal(found.kind, 'udp');
    if (found.kind === 'udp') assert.deepEqual([found.address.family, found.address.address], [family, address]);
  });

test('identifySocket: neither a file nor a closed descriptor is a socket', () => {
  const fd = openSync('/dev/null', 'r');
  assert.deepEqual(identifySocket(fd), { kind: 'other', fd, what: 'not a socket' });
  closeSync(fd);
  assert.deepEqual(identifySocket(fd), { kind: 'other', fd, what: 'not a socket' });
});

test('prepareInherited: the descriptor is closed on exec and never blocks', async (t) => {
  const fd = createBlockingUnixSocket();
  t.after(() => closeSocket(fd));
  prepareInherited(fd);
  const { stdout } = await run('cat', [`/proc/${process.pid}/fdinfo/${fd}`]);
  const flags = Number.parseInt(/^flags:\s+(\d+)$/m.exec(stdout)?.[1] ?? '', 8);
  assert.equal(flags & 0o2004000, 0o2004000);
});

test('without koffi sockets are told by the tables of /proc', async (t) => {
  const path = `${temporaryDirectory(t)}/log`;
  const script = String.raw`
    use Socket; $^F = 100;
    socket(my $local, AF_UNIX, SOCK_DGRAM, 0); bind($local, pack_sockaddr_un($ARGV[0]));
    socket(my $udp, AF_INET, SOCK_DGRAM, 0); bind($udp, pack_sockaddr_in(0, inet_aton('127.0.0.1')));
    socket(my $tcp, AF_INET, SOCK_STREAM, 0);
    exec @ARGV[1 .. $#ARGV];`;
  const program = `
    const { default: Module } = await import('node:module');
    const find = Module._resolveFilename;
    Module._resolveFilename = (name, ...rest) => {
      if (name === 'koffi') throw new Error('hidden');
      return find.call(Module, name, ...rest);
    };
    const { identifySocket } = await import(${JSON.stringify(builtPath('src/sys/socket/passed-socket.js'))});
    console.log(JSON.stringify([3, 4, 5].map((fd) => identifySocket(fd))));`;
  const { stdout, stderr } = await run('perl', [
    ...['-e', script, path],
    ...[process.execPath, '--input-type=module', '-e', program],
  ]);
  assert.equal(stderr, '');
  const found: unknown = JSON.parse(stdout);
  assert.ok(Array.isArray(found));
  assert.deepEqual(found[0], { kind: 'local', fd: 3, path });
  assert.match(JSON.stringify(found[1]), /"kind":"udp","fd":4,.*"family":4/);
  assert.match(JSON.stringify(found[2]), /"kind":"other","fd":5/);
});
