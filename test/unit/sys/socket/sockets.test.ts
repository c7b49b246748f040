import assert from 'node:assert/strict';
import { fstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SendBatch } from '../../../../src/sys/socket/send-batch.ts';
import {
  bindUdp,
  bindUnix,
  closeSocket,
  connectUdp,
  connectUnix,
  createUdpSocket,
  createUnixSocket,
  interfaceIndex,
  isUnixSocketAlive,
  joinMulticast,
  localAddress,
  raiseReceiveBuffer,
  setReceiveBuffer,
  setReuseAddress,
  setV6Only,
  shutdownReceive,
} from '../../../../src/sys/socket/sockets.ts';
import { temporaryDirectory } from '../../../support/receiving.ts';

function loopback(family: 4 | 6, port = 0): Parameters<typeof bindUdp>[1] {
  return { family, address: family === 6 ? '::1' : '127.0.0.1', port, scopeId: 0 };
}

test('sockets are non-blocking and closed on exec', (t) => {
  const fd = createUnixSocket();
  t.after(() => closeSocket(fd));
  assert.ok(fstatSync(fd).isSocket());
  const flags = readFlags(fd);
  assert.equal(flags & 0o4000, 0o4000, 'O_NONBLOCK');
  assert.equal(flags & 0o2000000, 0o2000000, 'O_CLOEXEC');
});

test('localAddress tells the port that the kernel chose, for both families', (t) => {
  for (const family of [4, 6] as const) {
    const fd = createUdpSocket(family);
    t.after(() => closeSocket(fd));
    bindUdp(fd, loopback(family));
    const bound = localAddress(fd);
    assert.deepEqual({ ...bound, port: 0 }, loopback(family));
    assert.ok(bound.port > 0);
  }
});

test('with IPV6_V6ONLY both families have one port', (t) => {
  const v4 = createUdpSocket(4);
  const v6 = createUdpSocket(6);
  t.after(() => [v4, v6].forEach(closeSocket));
  bindUdp(v4, { family: 4, address: '0.0.0.0', port: 0, scopeId: 0 });
  setV6Only(v6, true);
  const { port } = localAddress(v4);
  bindUdp(v6, { family: 6, address: '::', port, scopeId: 0 });
  assert.equal(localAddress(v6).port, port);
});

test('bindUdp throws SysError with the address when it is taken', (t) => {
  const [first, second] = [createUdpSocket(4), createUdpSocket(4)];
  t.after(() => [first, second].forEach(closeSocket));
  bindUdp(first, loopback(4));
  const taken = localAddress(first);
  assert.throws(() => bindUdp(second, taken), { code: 'EADDRINUSE', path: `127.0.0.1:${taken.port}`, syscall: 'bind' });
});

test('setReuseAddress and joinMulticast let two sockets share a group', (t) => {
  const fds = [createUdpSocket(4), createUdpSocket(4)];
  t.after(() => fds.forEach(closeSocket));
  let port = 0;
  for (const fd of fds) {
    setReuseAddress(fd, true);
    bindUdp(fd, { family: 4, address: '224.0.0.123', port, scopeId: 0 });
    ({ port } = localAddress(fd));
    joinMulticast(fd, 4, '224.0.0.123', interfaceIndex('lo'));
  }
  assert.equal(localAddress(fds[1] ?? -1).port, port);
});

test('interfaceIndex knows the loopback and returns 0 for no interface', () => {
  assert.ok(interfaceIndex('lo') > 0);
  assert.equal(interfaceIndex('nonesuch'), 0);
});

test('raiseReceiveBuffer raises and never lowers', (t) => {
  const fd = createUdpSocket(4);
  t.after(() => closeSocket(fd));
  setReceiveBuffer(fd, 4096);
  assert.equal(raiseReceiveBuffer(fd, 100_000), 200_000);
  assert.equal(raiseReceiveBuffer(fd, 1000), 200_000);
});

test('after shutdownReceive senders get EPIPE and what is queued stays', (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const [to, from] = [createUnixSocket(), createUnixSocket()];
  t.after(() => [to, from].forEach(closeSocket));
  bindUnix(to, path);
  connectUnix(from, path);
  const batch = new SendBatch([Buffer.from('a')], null);
  assert.equal(batch.send(from, 0, 1), 1);
  shutdownReceive(to);
  assert.equal(batch.send(from, 0, 1), -32);
});

test('isUnixSocketAlive tells a receiver from a file left behind', (t) => {
  const path = join(temporaryDirectory(t), 'log');
  assert.equal(isUnixSocketAlive(path), false);
  const fd = createUnixSocket();
  bindUnix(fd, path);
  assert.equal(isUnixSocketAlive(path), true);
  closeSocket(fd);
  assert.equal(isUnixSocketAlive(path), false);
});

test('bindUnix throws SysError with the path', (t) => {
  const path = join(temporaryDirectory(t), 'missing', 'log');
  const fd = createUnixSocket();
  t.after(() => closeSocket(fd));
  assert.throws(() => bindUnix(fd, path), { name: 'SysError', code: 'ENOENT', path });
});

test('connectUdp throws where there is no route for the family', (t) => {
  const fd = createUdpSocket(4);
  t.after(() => closeSocket(fd));
  assert.throws(() => connectUdp(fd, { family: 6, address: '::1', port: 9, scopeId: 0 }), { code: 'EAFNOSUPPORT' });
});

function readFlags(fd: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  return Number.parseInt(/flags:\s*(\d+)/.exec(text)?.[1] ?? '0', 8);
}
