/**
 * One inotify descriptor: reports names that come and go in directories. Source: inotify(7).
 *
 * Never asks for IN_MODIFY and IN_ATTRIB: they would wake us for every line we write.
 */
import { IN, INOTIFY_EVENT } from '../call/abi.ts';
import { native } from '../call/native.ts';
import { NativeBuffer } from '../call/native-buffer.ts';
import { type Readiness, watchReadable } from '../call/readiness.ts';
import { inRoot } from '../call/root-directory.ts';

const MASK = IN.DELETE | IN.MOVED_FROM | IN.MOVED_TO | IN.CREATE | IN.DELETE_SELF | IN.MOVE_SELF | IN.ONLYDIR;
const DIRECTORY_GONE = IN.DELETE_SELF | IN.MOVE_SELF | IN.IGNORED | IN.UNMOUNT;

/** Room for a few hundred events; one takes at most 16 + 256 bytes. */
const BUFFER_BYTES = 16_384;

/** `wd` -1: events were lost. `name` null: the directory itself was removed, moved or unmounted. */
export type InotifyListener = (wd: number, name: string | null) => void;

export class InotifyQueue {
  readonly #fd: number;
  readonly #listener: InotifyListener;
  readonly #buffer = new NativeBuffer(BUFFER_BYTES);
  readonly #readiness: Readiness;
  #closed = false;

  private constructor(fd: number, listener: InotifyListener) {
    this.#fd = fd;
    this.#listener = listener;
    this.#readiness = watchReadable(fd, () => this.#read());
  }

  /** @returns null if this user has no inotify instance left (fs.inotify.max_user_instances) */
  static tryOpen(listener: InotifyListener): InotifyQueue | null {
    const fd = native().libc.inotify_init1(IN.NONBLOCK | IN.CLOEXEC);
    return fd === -1 ? null : new InotifyQueue(fd, listener);
  }

  /** @returns the watch descriptor, the same for the same directory; -1 if it cannot be watched */
  tryAdd(directory: string): number {
    try {
      return native().libc.inotify_add_watch(this.#fd, inRoot(directory), MASK);
    } catch {
      return -1;
    }
  }

  remove(wd: number): void {
    // Fails with EINVAL if the kernel has already removed it along with the directory.
    native().libc.inotify_rm_watch(this.#fd, wd);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readiness.close();
    native().libc.close(this.#fd);
  }

  #read(): void {
    const { bytes, address } = this.#buffer;
    const got = native().libc.read(this.#fd, address, BUFFER_BYTES);
    let at = 0;
    // The listener may close this queue; the remaining events are void then.
    while (at + INOTIFY_EVENT.size <= got && !this.#closed) {
      const wd = bytes.readInt32LE(at + INOTIFY_EVENT.wd);
      const mask = bytes.readUInt32LE(at + INOTIFY_EVENT.mask);
      const nameBytes = bytes.readUInt32LE(at + INOTIFY_EVENT.len);
      const nameOff = at + INOTIFY_EVENT.name;
      at = nameOff + nameBytes;
      if ((mask & IN.Q_OVERFLOW) !== 0) this.#listener(-1, null);
      else if ((mask & DIRECTORY_GONE) !== 0) this.#listener(wd, null);
      else this.#listener(wd, nameIn(bytes.subarray(nameOff, at)));
    }
  }
}

/** The name is padded with NULs. */
function nameIn(padded: Buffer): string {
  const end = padded.indexOf(0);
  return padded.toString('utf8', 0, end === -1 ? padded.length : end);
}
