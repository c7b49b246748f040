/**
 * The only way to native code: loads koffi and the functions of the C library on first use, never at import.
 *
 * koffi's binary comes in an optional package. Without it (`npm ci --omit=optional`, an unknown processor)
 * {@link nativeAvailable} says so, and every other function in this room that needs it throws.
 */
import { SysError } from './errors.ts';
import { type Koffi, loadKoffi } from './koffi.ts';

/**
 * The C functions in use, under their own names (`exitNow` is `_exit`, `fcntlInt` is `fcntl`). Addresses are numbers;
 * `Uint8Array` is passed by its address.
 */
export interface Libc {
  /** int socket(int domain, int type, int protocol). socket(2) */
  readonly socket: (domain: number, type: number, protocol: number) => number;
  /** int bind(int fd, const struct sockaddr *addr, socklen_t len). bind(2) */
  readonly bind: (fd: number, addr: Uint8Array, len: number) => number;
  /** int connect(int fd, const struct sockaddr *addr, socklen_t len). connect(2) */
  readonly connect: (fd: number, addr: Uint8Array, len: number) => number;
  /** int getsockname(int fd, struct sockaddr *addr, socklen_t *len). getsockname(2) */
  readonly getsockname: (fd: number, addr: Uint8Array, len: Uint32Array) => number;
  /** int setsockopt(int fd, int level, int name, const void *value, socklen_t len). setsockopt(2) */
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array, len: number) => number;
  /** int getsockopt(int fd, int level, int name, void *value, socklen_t *len). getsockopt(2) */
  readonly getsockopt: (fd: number, level: number, name: number, value: Uint32Array, len: Uint32Array) => number;
  /** ssize_t send(int fd, const void *buf, size_t len, int flags). send(2) */
  readonly send: (fd: number, bytes: Uint8Array, len: number, flags: number) => number;
  /** int shutdown(int fd, int how). shutdown(2) */
  readonly shutdown: (fd: number, how: number) => number;
  /** int klogctl(int type, char *buf, int len). syslog(2) */
  readonly klogctl: (type: number, buffer: Uint8Array | null, bytes: number) => number;
  /** int dup2(int oldfd, int newfd). dup2(2) */
  readonly dup2: (fd: number, target: number) => number;
  /** off_t lseek(int fd, off_t offset, int whence). lseek(2) */
  readonly lseek: (fd: number, offset: number, whence: number) => number;
  /** int close(int fd). close(2) */
  readonly close: (fd: number) => number;
  /** ssize_t read(int fd, void *buf, size_t count). read(2) */
  readonly read: (fd: number, address: number, bytes: number) => number;
  /** int recvmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags, struct timespec *timeout). recvmmsg(2) */
  readonly recvmmsg: (fd: number, vector: number, count: number, flags: number, timeout: number) => number;
  /** int sendmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags). sendmmsg(2) */
  readonly sendmmsg: (fd: number, vector: number, count: number, flags: number) => number;
  /** int fcntl(int fd, int cmd, struct flock *lock). fcntl(2) */
  readonly fcntl: (fd: number, command: number, type: 'void *', lock: Uint8Array) => number;
  /** int poll(struct pollfd *fds, nfds_t n, int timeout). poll(2) */
  readonly poll: (entries: Uint8Array, count: number, timeoutMs: number) => number;
  /** int mkfifo(const char *path, mode_t mode). mkfifo(3) */
  readonly mkfifo: (path: string, mode: number) => number;
  /** int pipe2(int fds[2], int flags). pipe(2) */
  readonly pipe2: (fds: Int32Array, flags: number) => number;
  /** fcntl with a number as its argument. fcntl(2) */
  readonly fcntlInt: (fd: number, command: number, type: 'int', value: number) => number;
  /** int inotify_init1(int flags). inotify_init(2) */
  readonly inotify_init1: (flags: number) => number;
  /** int inotify_add_watch(int fd, const char *path, uint32_t mask). inotify_add_watch(2) */
  readonly inotify_add_watch: (fd: number, path: string, mask: number) => number;
  /** int inotify_rm_watch(int fd, int wd). inotify_rm_watch(2) */
  readonly inotify_rm_watch: (fd: number, wd: number) => number;
  /** int inet_pton(int af, const char *src, void *dst). inet_pton(3) */
  readonly inet_pton: (family: number, text: string, addr: Uint8Array) => number;
  /** void _exit(int status): ends at once, without exit handlers and without waiting for threads. _exit(2) */
  readonly exitNow: (status: number) => void;
  /** int fchdir(int fd). fchdir(2) */
  readonly fchdir: (fd: number) => number;
  /** int chroot(const char *path). chroot(2) */
  readonly chroot: (path: string) => number;
  /** int execve(const char *path, char *const argv[], char *const envp[]); null ends an array. execve(2) */
  readonly execve: (path: string, argv: readonly (string | null)[], env: readonly (string | null)[]) => number;
  /** int setrlimit(int resource, const struct rlimit *limit). setrlimit(2) */
  readonly setrlimit: (resource: number, limit: Uint8Array) => number;
  /** int prctl(int op, unsigned long a, b, c, d). prctl(2) */
  readonly prctl: (op: number, a: number, b: number, c: number, d: number) => number;
  /** int capget(struct __user_cap_header_struct *, struct __user_cap_data_struct *). capget(2) */
  readonly capget: (header: Uint8Array, data: Uint8Array) => number;
  /** int capset(struct __user_cap_header_struct *, const struct __user_cap_data_struct *). capset(2) */
  readonly capset: (header: Uint8Array, data: Uint8Array) => number;
  /** int waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options). waitid(2) */
  readonly waitid: (idtype: number, id: number, info: Uint8Array, options: number) => number;
  /** long syscall(long number, ...), for system calls that have no wrapper. syscall(2) */
  readonly syscall: (number: number, a: number, b: number, c: number) => number;
  /** unsigned int if_nametoindex(const char *name). if_nametoindex(3) */
  readonly if_nametoindex: (name: string) => number;
  /** char *strerror(int errnum). strerror(3) */
  readonly strerror: (errno: number) => string;
}

/** What koffi's poll really passes: its own type has only the second argument. `status` is 0 or a negative errno. */
export type PollCallback = (status: number, events: { readonly readable: boolean; readonly writable: boolean }) => void;
export interface PollInterest {
  readonly readable: boolean;
  readonly writable: boolean;
}
/** koffi's handle of a libuv poll. Once it is garbage, polling stops silently. */
export interface PollHandle {
  start(interest: PollInterest, callback: PollCallback): void;
  stop(): void;
  close(): void;
  ref(): void;
  unref(): void;
}

/** koffi and the C library, loaded. */
export interface Native {
  readonly libc: Libc;
  /** errno of the last call, positive; read it in the very next statement. errno(3) */
  readonly errno: () => number;
  readonly address: (memory: ArrayBuffer) => bigint;
  readonly poll: (fd: number, interest: PollInterest, callback: PollCallback) => PollHandle;
}

export type NativeAvailability = { readonly ok: true } | { readonly ok: false; readonly reason: string };

type LoadResult = { readonly ok: true; readonly native: Native } | { readonly ok: false; readonly reason: string };

/** Argument types in koffi's notation; an address that is reused is an int64. */
const PROTOTYPES: Readonly<Record<keyof Libc, string>> = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, void *, uint)',
  connect: 'int connect(int, void *, uint)',
  getsockname: 'int getsockname(int, void *, void *)',
  setsockopt: 'int setsockopt(int, int, int, void *, uint)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  send: 'int64 send(int, void *, uint64, int)',
  shutdown: 'int shutdown(int, int)',
  klogctl: 'int klogctl(int, void *, int)',
  dup2: 'int dup2(int, int)',
  lseek: 'int64 lseek(int, int64, int)',
  close: 'int close(int)',
  read: 'int64 read(int, int64, uint64)',
  recvmmsg: 'int recvmmsg(int, int64, uint, int, int64)',
  sendmmsg: 'int sendmmsg(int, int64, uint, int)',
  fcntl: 'int fcntl(int, int, ...)',
  poll: 'int poll(void *, uint64, int)',
  mkfifo: 'int mkfifo(str, uint)',
  pipe2: 'int pipe2(void *, int)',
  fcntlInt: 'int fcntl(int, int, ...)',
  inotify_init1: 'int inotify_init1(int)',
  inotify_add_watch: 'int inotify_add_watch(int, str, uint32)',
  inotify_rm_watch: 'int inotify_rm_watch(int, int)',
  inet_pton: 'int inet_pton(int, str, void *)',
  exitNow: 'void _exit(int)',
  fchdir: 'int fchdir(int)',
  chroot: 'int chroot(str)',
  execve: 'int execve(str, str *, str *)',
  setrlimit: 'int setrlimit(int, void *)',
  prctl: 'int prctl(int, uint64, uint64, uint64, uint64)',
  capget: 'int capget(void *, void *)',
  capset: 'int capset(void *, void *)',
  waitid: 'int waitid(int, uint, void *, int)',
  syscall: 'int64 syscall(int64, int64, int64, int64)',
  if_nametoindex: 'uint if_nametoindex(str)',
  strerror: 'str strerror(int)',
};

/** Names of all functions that can be asked for. */
export const LIBC_FUNCTIONS: readonly string[] = Object.keys(PROTOTYPES);

// The only module-level state of the program: the library, which a process can load only once.
let loaded: LoadResult | null = null;

/** Tells whether native calls work here. Loads koffi on first use. */
export function nativeAvailable(): NativeAvailability {
  loaded ??= load();
  return loaded.ok ? { ok: true } : loaded;
}

/**
 * @returns the loaded library
 * @throws Error if {@link nativeAvailable} says no
 */
export function native(): Native {
  loaded ??= load();
  if (!loaded.ok) throw new Error(loaded.reason);
  return loaded.native;
}

/** @throws SysError if `result` is -1, with the errno of the call just made */
export function check(result: number, syscall: string, path?: string): number {
  if (result === -1) throw new SysError(syscall, native().errno(), path);
  return result;
}

function load(): LoadResult {
  const found = loadKoffi();
  return found.ok ? { ok: true, native: bindAll(found.koffi) } : found;
}

/** A program uses few of the functions, and binding one takes as long as a hundred calls: each is bound when first asked. */
function bindAll(koffi: Koffi): Native {
  const library = koffi.load(null);
  const getters = Object.entries(PROTOTYPES).map(([name, prototype]): [string, PropertyDescriptor] => [
    name,
    {
      get(this: object): unknown {
        const value: unknown = library.func(prototype);
        // It hides this getter from now on.
        Object.defineProperty(this, name, { value, enumerable: true });
        return value;
      },
    },
  ]);
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the prototypes above are the types
    libc: Object.create(Object.defineProperties({}, Object.fromEntries(getters))) as Libc,
    errno: () => koffi.errno(),
    address: (memory) => koffi.address(memory),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- koffi's type of the callback is wrong
    poll: koffi.node.poll as unknown as Native['poll'],
  };
}
