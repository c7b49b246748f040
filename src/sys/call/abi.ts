/**
 * Sizes, offsets and numbers of the Linux ABI that this room reads and writes by hand: 64-bit little-endian, generic
 * numbering (x86-64, arm64, riscv64, loong64), glibc and musl.
 *
 * glibc declares some members wider than musl (`msg_iovlen`, `msg_controllen`, `cmsg_len`), but musl pads them to the
 * same width, so one table serves both on little-endian machines. Offsets are bytes.
 */

/** Values of `process.arch` that this table describes. */
export const ABI_ARCHS: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

/** struct iovec { void *iov_base; size_t iov_len; }. Source: iovec(3type). */
export const IOVEC = { size: 16, base: 0, len: 8 } as const;

/** struct msghdr. Source: recvmsg(2). */
export const MSGHDR = {
  size: 56,
  name: 0,
  namelen: 8,
  iov: 16,
  iovlen: 24,
  control: 32,
  controllen: 40,
  flags: 48,
} as const;

/** struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; }. Source: recvmmsg(2). */
export const MMSGHDR = { size: 64, len: 56 } as const;

/** struct cmsghdr, `data` is CMSG_DATA. Source: cmsg(3). */
export const CMSGHDR = { size: 16, len: 0, level: 8, type: 12, data: 16 } as const;

/** struct ucred { pid_t pid; uid_t uid; gid_t gid; }. Source: unix(7). */
export const UCRED = { size: 12, pid: 0, uid: 4, gid: 8 } as const;

/** struct sockaddr_un. Source: unix(7). */
export const SOCKADDR_UN = { size: 110, family: 0, path: 2 } as const;

/** struct sockaddr_in; port and address in network order. Source: ip(7). */
export const SOCKADDR_IN = { size: 16, family: 0, port: 2, addr: 4 } as const;

/** struct sockaddr_in6. Source: ipv6(7). */
export const SOCKADDR_IN6 = { size: 28, family: 0, port: 2, addr: 8, scope: 24 } as const;

/** struct flock with 64-bit offsets. Source: fcntl(2). */
export const FLOCK = { size: 32, type: 0, whence: 2, start: 8, len: 16, pid: 24 } as const;

/** struct inotify_event; `size` without the name. Source: inotify(7). */
export const INOTIFY_EVENT = { size: 16, wd: 0, mask: 4, len: 12, name: 16 } as const;

/** Source: socket(2). */
export const AF = { UNIX: 1, INET: 2, INET6: 10 } as const;
export const SOCK = { STREAM: 1, DGRAM: 2, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;
export const SHUT_RD = 0;

/** Levels and options. Source: socket(7), ip(7), ipv6(7). */
export const SOL = { SOCKET: 1, IP: 0, IPV6: 41 } as const;
export const SO = {
  REUSEADDR: 2,
  TYPE: 3,
  ERROR: 4,
  BROADCAST: 6,
  SNDBUF: 7,
  RCVBUF: 8,
  PASSCRED: 16,
  BINDTODEVICE: 25,
  RCVBUFFORCE: 33,
  PROTOCOL: 38,
  DOMAIN: 39,
  SNDTIMEO: 21,
  RXQ_OVFL: 40,
  MEMINFO: 55,
} as const;
export const IP_TTL = 2;
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_TTL = 33;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_MULTICAST_ALL = 49;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_IF = 17;
export const IPV6_MULTICAST_HOPS = 18;
export const IPV6_ADD_MEMBERSHIP = 20;
export const IPV6_V6ONLY = 26;
export const SCM_RIGHTS = 1;
export const SCM_CREDENTIALS = 2;

/** Index of the drop counter in the SO_MEMINFO array, and the number of u32 values in it. Source: sock_diag.h. */
export const MEMINFO = { drops: 8, count: 9 } as const;

/** Source: recv(2), send(2). */
export const MSG = { DONTWAIT: 0x40, NOSIGNAL: 0x4000 } as const;
/** Most messages in one recvmmsg or sendmmsg. Source: sendmmsg(2) NOTES. */
export const MMSG_MAX = 1024;

/** Bytes that were sent and not yet read, or not yet acknowledged. Source: unix(7), tcp(7). */
export const SIOCOUTQ = 0x5411;

/** struct timeval of a 64-bit machine. Source: timeval(3type). */
export const TIMEVAL = { size: 16, sec: 0, usec: 8 } as const;

/** struct addrinfo; `addr` and `next` are pointers. Source: getaddrinfo(3). */
export const ADDRINFO = { size: 48, family: 4, socktype: 8, protocol: 12, addrlen: 16, addr: 24 } as const;

/** struct timex; `ok` is TIME_OK. Source: adjtimex(2). */
export const TIMEX = { size: 208, maxError: 24, ok: 0 } as const;

/** Source: fcntl(2). On 64-bit machines F_GETLK and F_SETLK take the struct flock above. */
export const FCNTL = { SETFD: 2, GETFL: 3, SETFL: 4, GETLK: 5, SETLK: 6, WRLCK: 1, UNLCK: 2, FD_CLOEXEC: 1 } as const;

/** struct pollfd { int fd; short events; short revents; }. Source: poll(2). */
export const POLLFD = { size: 8, fd: 0, events: 4 } as const;
export const POLL = { OUT: 4 } as const;

/** Source: inotify(7). */
export const IN = {
  MOVED_FROM: 0x40,
  MOVED_TO: 0x80,
  CREATE: 0x100,
  DELETE: 0x200,
  DELETE_SELF: 0x400,
  MOVE_SELF: 0x800,
  UNMOUNT: 0x2000,
  Q_OVERFLOW: 0x4000,
  IGNORED: 0x8000,
  ONLYDIR: 0x01000000,
  NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
} as const;

/** @returns CMSG_SPACE(dataBytes): the room that one control message needs in the buffer. Source: cmsg(3). */
export function controlSpaceBytes(dataBytes: number): number {
  return CMSGHDR.size + Math.ceil(dataBytes / 8) * 8;
}
