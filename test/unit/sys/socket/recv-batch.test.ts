import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Batch, CRED_NONE, cutLen, F_CUT, ORIGIN } from '../../../../src/dgram-parser/columns/batch.ts';
import { ERRNO } from '../../../../src/sys/call/errors.ts';
import { RecvBatch, type SenderLookup } from '../../../../src/sys/socket/recv-batch.ts';
import {
  bindUdp,
  bindUnix,
  closeSocket,
  createUdpSocket,
  createUnixSocket,
  dropCount,
  localAddress,
  setDropCount,
  setPassCredentials,
  setReceiveBuffer,
} from '../../../../src/sys/socket/sockets.ts';
import { builtPath } from '../../../support/project.ts';
import { rowOf, run, sendUdp, sendUnix, temporaryDirectory } from '../../../support/receiving.ts';

const MESSAGE_BYTES = 480;

function recvBatch(batch: Batch, kind: 'local' | 'network', senders: SenderLookup | null = null): RecvBatch {
  const origin = kind === 'local' ? ORIGIN.local : ORIGIN.network;
  return new RecvBatch(batch, { kind, origin, cutFlag: F_CUT, noCredential: CRED_NONE, cutLen, senders });
}

function localSocket(t: TestContext, rows = 8): { fd: number; path: string; batch: Batch; recv: RecvBatch } {
  const path = join(temporaryDirectory(t), 'log');
  const fd = createUnixSocket();
  t.after(() => closeSocket(fd));
  setPassCredentials(fd, true);
  bindUnix(fd, path);
  const batch = new Batch(rows, MESSAGE_BYTES);
  return { fd, path, batch, recv: recvBatch(batch, 'local') };
}

function udpSocket(t: TestContext, family: 4 | 6, address?: string): { fd: number; port: number } {
  const fd = createUdpSocket(family);
  t.after(() => closeSocket(fd));
  setDropCount(fd, true);
  bindUdp(fd, { family, address: address ?? (family === 6 ? '::1' : '127.0.0.1'), port: 0, scopeId: 0 });
  return { fd, port: localAddress(fd).port };
}

function texts(batch: Batch): string[] {
  return Array.from({ length: batch.count }, (_, row) => rowOf(batch, row).text.toString());
}

test('receive returns EAGAIN where the socket is empty and leaves the batch alone', (t) => {
  const { fd, batch, recv } = localSocket(t);
  assert.equal(recv.receive(fd, 8), ERRNO.EAGAIN);
  assert.equal(batch.count, 0);
});

test('receive returns other errors as negative errno', (t) => {
  const { recv } = localSocket(t);
  assert.equal(recv.receive(-1, 8), -9);
});

test('receive appends behind the rows that are there, as many as asked and as there is room for', (t) => {
  const { fd, path, batch, recv } = localSocket(t, 4);
  sendUnix(path, ...['a', 'b', 'c', 'd', 'e'].map((text) => Buffer.from(text)));
  assert.equal(recv.receive(fd, 1), 1);
  assert.equal(recv.receive(fd, 2), 2);
  assert.equal(recv.receive(fd, 100), 1);
  assert.equal(recv.receive(fd, 100), 0, 'the batch is full');
  assert.deepEqual(texts(batch), ['a', 'b', 'c', 'd']);
  batch.count = 0;
  assert.equal(recv.receive(fd, 100), 1);
  assert.deepEqual(texts(batch), ['e']);
});

test('receive gives empty datagrams a row, and never lets a long one reach the next slot', (t) => {
  const { fd, path, batch, recv } = localSocket(t);
  batch.bytes.fill(0x7e);
  sendUnix(path, Buffer.alloc(0), Buffer.alloc(5000, 'x'), Buffer.from('y'));
  assert.equal(recv.receive(fd, 8), 3);
  assert.deepEqual([...batch.len.subarray(0, 3)], [0, MESSAGE_BYTES, 1]);
  assert.deepEqual([...batch.flags.subarray(0, 3)], [0, F_CUT, 0]);
  assert.equal(batch.bytes[0], 0x7e, 'an empty datagram writes nothing');
  assert.equal(batch.bytes[batch.slotBytes + MESSAGE_BYTES + 1], 0x7e, 'one byte behind the limit, no more');
});

const CUTS: ReadonlyArray<readonly [string, Buffer, number, number]> = [
  ['exactly the limit is not cut', Buffer.alloc(MESSAGE_BYTES, 'a'), MESSAGE_BYTES, 0],
  ['one byte more is cut', Buffer.alloc(MESSAGE_BYTES + 1, 'a'), MESSAGE_BYTES, F_CUT],
  ['é across the limit goes whole', Buffer.from(`${'a'.repeat(MESSAGE_BYTES - 1)}é`), MESSAGE_BYTES - 1, F_CUT],
  ['€ across the limit goes whole', Buffer.from(`${'a'.repeat(MESSAGE_BYTES - 2)}€`), MESSAGE_BYTES - 2, F_CUT],
  ['a character before the limit stays', Buffer.from(`${'a'.repeat(MESSAGE_BYTES - 3)}€b`), MESSAGE_BYTES, F_CUT],
  ['😀 across the limit goes whole', Buffer.from(`${'a'.repeat(MESSAGE_BYTES - 3)}😀`), MESSAGE_BYTES - 3, F_CUT],
];
for (const [name, datagram, len, flags] of CUTS) {
  test(`receive cuts on a UTF-8 boundary: ${name}`, (t) => {
    const { fd, path, batch, recv } = localSocket(t);
    sendUnix(path, datagram);
    recv.receive(fd, 8);
    assert.deepEqual([batch.len[0], batch.flags[0], recv.cutCount], [len, flags, flags === 0 ? 0 : 1]);
  });
}

test('receive fills the credentials of each sender', async (t) => {
  const { fd, path, batch, recv } = localSocket(t);
  const root = process.getuid?.() === 0;
  const text = `import socket; s=socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.sendto(b"x", ${JSON.stringify(path)})`;
  const ids = root ? { uid: 0, gid: 54_321 } : {};
  const { pid, stderr } = await run('python3', ['-c', text], ids);
  assert.equal(stderr, '');
  sendUnix(path, Buffer.from('own'));
  assert.equal(recv.receive(fd, 8), 2);
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  assert.deepEqual(rowOf(batch, 0).cred.slice(1), root ? [0, 54_321] : [uid, gid]);
  assert.notEqual(rowOf(batch, 0).cred[0], process.pid);
  assert.ok((rowOf(batch, 0).cred[0] ?? 0) >= pid, 'the process itself, or what a wrapper of python3 started');
  assert.deepEqual(rowOf(batch, 1).cred, [process.pid, uid, gid]);
});

test('receive says CRED_NONE where the kernel was not asked for credentials', (t) => {
  const { fd, path, batch, recv } = localSocket(t);
  setPassCredentials(fd, false);
  sendUnix(path, Buffer.from('a'));
  recv.receive(fd, 8);
  assert.deepEqual(rowOf(batch, 0).cred, [CRED_NONE, CRED_NONE, CRED_NONE]);
  setPassCredentials(fd, true);
  sendUnix(path, Buffer.from('b'));
  recv.receive(fd, 8);
  assert.equal(rowOf(batch, 1).cred[0], process.pid);
});

test('a datagram sent before SO_PASSCRED was set has no credentials', (t) => {
  const { fd, path, batch, recv } = localSocket(t);
  setPassCredentials(fd, false);
  sendUnix(path, Buffer.from('a'));
  setPassCredentials(fd, true);
  recv.receive(fd, 8);
  assert.deepEqual(rowOf(batch, 0).cred, [CRED_NONE, CRED_NONE, CRED_NONE]);
});

test('descriptors that a sender attaches do not arrive', async (t) => {
  const { fd, path, batch, recv } = localSocket(t);
  const text = `import os,socket; f=os.open("/dev/null", os.O_RDONLY); s=socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(${JSON.stringify(path)})
for i in range(5): socket.send_fds(s, [b"x"], [f, f, f])`;
  const before = readdirSync('/proc/self/fd').length;
  const { stderr } = await run('python3', ['-c', text]);
  assert.equal(stderr, '');
  assert.equal(recv.receive(fd, 8), 5);
  assert.ok((batch.credPid[0] ?? 0) > 0, 'credentials come all the same');
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

class Senders implements SenderLookup {
  readonly asked: string[] = [];

  peerOfV4(addr: number): number {
    this.asked.push([...new Uint8Array(Int32Array.of(addr).buffer)].join('.'));
    return this.asked.length;
  }

  peerOfV6(word0: number, word1: number, word2: number, word3: number): number {
    this.asked.push(Buffer.from(Int32Array.of(word0, word1, word2, word3).buffer).toString('hex'));
    return this.asked.length;
  }
}

test('receive asks for the number of an IPv4 sender once a run, and keeps its port', (t) => {
  const { fd, port } = udpSocket(t, 4);
  const batch = new Batch(8, MESSAGE_BYTES);
  const senders = new Senders();
  const recv = recvBatch(batch, 'network', senders);
  sendUdp('127.0.0.1', port, Buffer.from('a'), Buffer.from('b'));
  sendUdp('127.0.0.1', port, Buffer.from('c'));
  assert.equal(recv.receive(fd, 8), 3);
  assert.deepEqual(senders.asked, ['127.0.0.1'], 'ports do not count');
  assert.deepEqual([...batch.peer.subarray(0, 3)], [1, 1, 1]);
  assert.deepEqual([...batch.origin.subarray(0, 3)], [ORIGIN.network, ORIGIN.network, ORIGIN.network]);
  assert.deepEqual(rowOf(batch, 0).cred, [CRED_NONE, CRED_NONE, CRED_NONE]);
  assert.ok((recv.ports[0] ?? 0) > 1023 && recv.ports[0] === recv.ports[1] && recv.ports[1] !== recv.ports[2]);
});

test('receive yields the address of an IPv6 sender, and v4-mapped ones as IPv4', (t) => {
  const senders = new Senders();
  const { fd, port } = udpSocket(t, 6, '::');
  const batch = new Batch(8, MESSAGE_BYTES);
  const recv = recvBatch(batch, 'network', senders);
  sendUdp('::1', port, Buffer.from('a'));
  sendUdp('127.0.0.1', port, Buffer.from('b'));
  sendUdp('127.0.0.1', port, Buffer.from('c'));
  assert.equal(recv.receive(fd, 8), 3);
  assert.deepEqual(senders.asked, ['00000000000000000000000000000001', '127.0.0.1']);
  assert.deepEqual([...batch.peer.subarray(0, 3)], [1, 2, 2]);
});

test('receive counts what the kernel dropped for want of room', (t) => {
  const { fd, port } = udpSocket(t, 4);
  setReceiveBuffer(fd, 2304);
  const batch = new Batch(64, MESSAGE_BYTES);
  const recv = recvBatch(batch, 'network', null);
  const flood = Array.from({ length: 50 }, () => Buffer.alloc(400, 'x'));
  sendUdp('127.0.0.1', port, ...flood);
  const first = recv.receive(fd, 64);
  assert.ok(first > 0 && first < 50);
  assert.equal(recv.dropCount, 0, 'what is queued was queued before the first drop');
  const known = dropCount(fd);
  assert.equal(known, 50 - first);
  sendUdp('127.0.0.1', port, Buffer.from('last'));
  batch.count = 0;
  assert.equal(recv.receive(fd, 64), 1);
  assert.equal(recv.dropCount, 50 - first, 'the next datagram tells');
  recv.noteDrops(known);
  assert.equal(recv.dropCount, 50 - first, 'the same counter, read directly, adds nothing');
});

test('noteDrops follows the counter when it wraps, and ignores one that is behind', (t) => {
  const { recv } = localSocket(t);
  recv.noteDrops(0x7fff_0000);
  recv.noteDrops(0xfffe_0000);
  recv.noteDrops(5);
  assert.equal(recv.dropCount, 0x1_0000_0005);
  recv.noteDrops(4);
  assert.equal(recv.dropCount, 0x1_0000_0005);
});

test('memory that the kernel follows survives garbage collection: 100,000 datagrams', async (t) => {
  const dir = temporaryDirectory(t);
  const text = `
    const { RecvBatch } = await import(${JSON.stringify(builtPath('src/sys/socket/recv-batch.js'))});
    const { SendBatch } = await import(${JSON.stringify(builtPath('src/sys/socket/send-batch.js'))});
    const { Batch, cutLen } = await import(${JSON.stringify(builtPath('src/dgram-parser/columns/batch.js'))});
    const sockets = await import(${JSON.stringify(builtPath('src/sys/socket/sockets.js'))});
    const [to, from] = [sockets.createUnixSocket(), sockets.createUnixSocket()];
    sockets.setPassCredentials(to, true);
    sockets.bindUnix(to, ${JSON.stringify(join(dir, 'log'))});
    sockets.connectUnix(from, ${JSON.stringify(join(dir, 'log'))});
    const batch = new Batch(64, 480);
    const recv = new RecvBatch(batch, { kind: 'local', origin: 0, cutFlag: 1, noCredential: -1, cutLen, senders: null });
    const send = new SendBatch(Array.from({ length: 8 }, (_, i) => Buffer.alloc(100 + i, 97 + i)), null);
    for (let sent = 0, round = 0; sent < 100000; round++) {
      sent += send.send(from, 0, 8);
      batch.count = 0;
      if (recv.receive(to, 64) !== 8) throw new Error('rows');
      for (let row = 0; row < 8; row++) {
        const at = row * batch.slotBytes;
        if (batch.len[row] !== 100 + row || batch.bytes[at] !== 97 + row || batch.bytes[at + 99 + row] !== 97 + row || batch.credPid[row] !== process.pid) throw new Error('row ' + row);
      }
      globalThis.junk = Array.from({ length: 20 }, () => new ArrayBuffer(1024));
      if (round % 100 === 0) gc();
    }
    console.log('whole');`;
  const { stdout, stderr, status } = await run(process.execPath, ['--expose-gc', '--input-type=module', '-e', text]);
  assert.deepEqual([stdout, stderr, status], ['whole\n', '', 0]);
});
