/**
 * The functions of the C library that a program needs which only sends: each is bound when it is first called, since
 * such a program lives for milliseconds.
 */
import { type Koffi, loadKoffi } from '../call/koffi.ts';

/** Under their C names. Addresses are numbers or bigints; `Uint8Array` is passed by its address. */
export interface SendingLibc {
  /** int socket(int domain, int type, int protocol). socket(2) */
  readonly socket: (domain: number, type: number, protocol: number) => number;
  /** int connect(int fd, const struct sockaddr *addr, socklen_t len). connect(2) */
  readonly connect: (fd: number, addr: Uint8Array, len: number) => number;
  /** ssize_t send(int fd, const void *buf, size_t len, int flags). send(2) */
  readonly send: (fd: number, bytes: Uint8Array, len: number, flags: number) => number;
  /** ssize_t sendmsg(int fd, const struct msghdr *msg, int flags). send(2) */
  readonly sendmsg: (fd: number, message: Uint8Array, flags: number) => number;
  /** int setsockopt(int fd, int level, int name, const void *value, socklen_t len). setsockopt(2) */
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array, len: number) => number;
  /** int getsockopt(int fd, int level, int name, void *value, socklen_t *len). getsockopt(2) */
  readonly getsockopt: (fd: number, level: number, name: number, value: Int32Array, len: Uint32Array) => number;
  /** int ioctl(int fd, unsigned long op, int *value). ioctl(2) */
  readonly ioctl: (fd: number, op: number, value: Int32Array) => number;
  /** int poll(struct pollfd *fds, nfds_t n, int timeout). poll(2) */
  readonly poll: (entries: Uint8Array, count: number, timeoutMs: number) => number;
  /** int close(int fd). close(2) */
  readonly close: (fd: number) => number;
  /** int memfd_create(const char *name, unsigned int flags). memfd_create(2) */
  readonly memfd_create: (name: string, flags: number) => number;
  /** int fcntl(int fd, int cmd, int value). fcntl(2) */
  readonly fcntl: (fd: number, command: number, type: 'int', value: number) => number;
  /** int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res). getaddrinfo(3) */
  readonly getaddrinfo: (node: Uint8Array, service: Uint8Array, hints: Uint8Array, result: Uint8Array) => number;
  /** void freeaddrinfo(struct addrinfo *res). getaddrinfo(3) */
  readonly freeaddrinfo: (result: bigint) => void;
  /** const char *gai_strerror(int code). getaddrinfo(3) */
  readonly gai_strerror: (code: number) => string;
  /** int adjtimex(struct timex *buf). adjtimex(2) */
  readonly adjtimex: (timex: Uint8Array) => number;
}

const PROTOTYPES: Readonly<Record<keyof SendingLibc, string>> = {
  socket: 'int socket(int, int, int)',
  connect: 'int connect(int, void *, uint)',
  send: 'int64 send(int, void *, uint64, int)',
  sendmsg: 'int64 sendmsg(int, void *, int)',
  setsockopt: 'int setsockopt(int, int, int, void *, uint)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  ioctl: 'int ioctl(int, uint64, void *)',
  poll: 'int poll(void *, uint64, int)',
  close: 'int close(int)',
  memfd_create: 'int memfd_create(str, uint)',
  fcntl: 'int fcntl(int, int, ...)',
  getaddrinfo: 'int getaddrinfo(void *, void *, void *, void *)',
  freeaddrinfo: 'void freeaddrinfo(int64)',
  gai_strerror: 'str gai_strerror(int)',
  adjtimex: 'int adjtimex(void *)',
};

export interface Sending {
  readonly libc: SendingLibc;
  /** errno of the last call, positive: to be read in the next statement. errno(3) */
  readonly errno: () => number;
  /** @returns the address of memory that the caller keeps alive */
  readonly address: (memory: ArrayBuffer) => bigint;
  /** @returns memory that the C library owns; to be read before it is freed */
  readonly view: (address: bigint, bytes: number) => ArrayBuffer;
}

let bound: Sending | null = null;

/** @returns null where koffi cannot be loaded */
export function sendingLibc(): Sending | null {
  if (bound !== null) return bound;
  const found = loadKoffi();
  if (found.ok) bound = bind(found.koffi);
  return bound;
}

function bind(koffi: Koffi): Sending {
  const library = koffi.load(null);
  const libc = {};
  for (const [name, prototype] of Object.entries(PROTOTYPES))
    Object.defineProperty(libc, name, {
      configurable: true,
      get() {
        const value: unknown = library.func(prototype);
        Object.defineProperty(libc, name, { value });
        return value;
      },
    });
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the prototypes above are the types
    libc: libc as SendingLibc,
    errno: () => koffi.errno(),
    address: (memory) => koffi.address(memory),
    view: (address, bytes) => koffi.view(address, bytes),
  };
}
