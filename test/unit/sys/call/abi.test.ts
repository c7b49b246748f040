/** Held against what a C compiler would lay out, as koffi computes it. */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import koffi from 'koffi';
import {
  CMSGHDR,
  controlSpaceBytes,
  FLOCK,
  INOTIFY_EVENT,
  IOVEC,
  MMSGHDR,
  MSGHDR,
  SOCKADDR_IN,
  SOCKADDR_IN6,
  SOCKADDR_UN,
  UCRED,
} from '../../../../src/sys/call/abi.ts';
import { ERRNO, SysError } from '../../../../src/sys/call/errors.ts';

const msghdr = koffi.struct({
  name: 'void *',
  namelen: 'uint32',
  iov: 'void *',
  iovlen: 'size_t',
  control: 'void *',
  controllen: 'size_t',
  flags: 'int',
});
/** musl: int and socklen_t with padding behind them. */
const msghdrMusl = koffi.struct({
  name: 'void *',
  namelen: 'uint32',
  iov: 'void *',
  iovlen: 'int',
  pad1: 'int',
  control: 'void *',
  controllen: 'uint32',
  pad2: 'int',
  flags: 'int',
});

const LAYOUTS = [
  ['iovec', IOVEC, koffi.struct({ base: 'void *', len: 'size_t' })],
  ['msghdr of glibc', MSGHDR, msghdr],
  ['msghdr of musl', MSGHDR, msghdrMusl],
  ['mmsghdr', MMSGHDR, koffi.struct({ hdr: msghdr, len: 'uint' })],
  ['ucred', UCRED, koffi.struct({ pid: 'int', uid: 'uint', gid: 'uint' })],
  ['sockaddr_un', SOCKADDR_UN, koffi.struct({ family: 'uint16', path: koffi.array('char', 108) })],
  [
    'sockaddr_in',
    SOCKADDR_IN,
    koffi.struct({ family: 'uint16', port: 'uint16', addr: 'uint32', zero: koffi.array('char', 8) }),
  ],
  [
    'sockaddr_in6',
    SOCKADDR_IN6,
    koffi.struct({ family: 'uint16', port: 'uint16', flow: 'uint32', addr: koffi.array('uint8', 16), scope: 'uint32' }),
  ],
  ['flock', FLOCK, koffi.struct({ type: 'short', whence: 'short', start: 'int64', len: 'int64', pid: 'int' })],
] as const;

for (const [name, ours, theirs] of LAYOUTS) {
  test(`struct ${name} has the size and offsets of the C library`, () => {
    for (const [member, value] of Object.entries(ours)) {
      assert.equal(value, member === 'size' ? koffi.sizeof(theirs) : koffi.offsetof(theirs, member), member);
    }
  });
}

test('structs with a tail of variable size have the offsets of the C library', () => {
  const cmsghdr = koffi.struct({ len: 'size_t', level: 'int', type: 'int', data: koffi.array('uint8', 8) });
  const inotify = koffi.struct({
    wd: 'int',
    mask: 'uint32',
    cookie: 'uint32',
    len: 'uint32',
    name: koffi.array('char', 16),
  });
  for (const member of ['len', 'level', 'type', 'data'] as const)
    assert.equal(CMSGHDR[member], koffi.offsetof(cmsghdr, member));
  for (const member of ['wd', 'mask', 'len', 'name'] as const)
    assert.equal(INOTIFY_EVENT[member], koffi.offsetof(inotify, member));
});

test('CMSG_SPACE rounds up to words', () => {
  assert.deepEqual([4, 8, 12, 16].map(controlSpaceBytes), [24, 24, 32, 32]);
});

test('SysError names the errno, the call and the path', () => {
  const error = new SysError('bind', constants.errno.EADDRINUSE, '/dev/log');
  assert.equal(error.message, 'EADDRINUSE: address already in use, bind "/dev/log"');
  assert.deepEqual([error.code, error.errno, error.syscall, error.path], ['EADDRINUSE', -98, 'bind', '/dev/log']);
  assert.equal(ERRNO.EAGAIN, -constants.errno.EAGAIN);
});
