/**
 * HOT PATH. recvmmsg(2) straight into the slots of a batch, with what the kernel knows of each sender.
 *
 * One object serves one batch and one socket and owns all memory that the kernel follows: message headers, iovecs,
 * names, control buffers. Between calls only the fields that the kernel has overwritten are reset.
 * {@link ReceiveTarget} describes the batch, since this room knows of no other. Not for the kernel log.
 */
import {
  AF,
  CMSGHDR,
  controlSpaceBytes,
  IOVEC,
  MMSG_MAX,
  MMSGHDR,
  MSG,
  MSGHDR,
  SCM_CREDENTIALS,
  SO,
  SOL,
  UCRED,
} from '../call/abi.ts';
import { ERRNO } from '../call/errors.ts';
import { type Libc, native } from '../call/native.ts';
import { addressOf, NativeBuffer } from '../call/native-buffer.ts';

/** The parts of a batch that are filled: slots from offset 0 of `memory`, and columns with one element per row. */
export interface ReceiveTarget {
  readonly rows: number;
  readonly messageBytes: number;
  /** At least messageBytes + 1: the byte beyond the limit shows that a message is too long, and where to cut. */
  readonly slotBytes: number;
  readonly memory: ArrayBuffer;
  readonly bytes: Uint8Array;
  count: number;
  readonly len: Int32Array;
  readonly flags: Int32Array;
  readonly origin: Uint8Array;
  readonly peer: Int32Array;
  readonly credPid: Int32Array;
  readonly credUid: Int32Array;
  readonly credGid: Int32Array;
}

/** Assigns numbers to senders. Words are the address as in memory, in network order. Must not allocate. */
export interface SenderLookup {
  peerOfV4(addr: number): number;
  peerOfV6(word0: number, word1: number, word2: number, word3: number): number;
}

/** How to mark rows: constants from the batch's own room. */
export interface ReceiveRules {
  /** `local`: Unix socket, credentials. `network`: UDP, sender, drop counter. */
  readonly kind: 'local' | 'network';
  readonly origin: number;
  readonly cutFlag: number;
  readonly noCredential: number;
  /** Where to cut `bytes`, from `start`, to at most `limit` bytes. */
  readonly cutLen: (bytes: Uint8Array, limit: number, start: number) => number;
  /** For `network`; without it every peer is 0. */
  readonly senders: SenderLookup | null;
}

/** Room for one sender's address; a multiple of 4 above sizeof(struct sockaddr_in6). */
const NAME_BYTES = 32;
const NAME_USED_BYTES = 28;
/**
 * Room for exactly one SCM_CREDENTIALS and nothing left for SCM_RIGHTS, so that no sender can pass descriptors into
 * this process: the kernel closes them and sets MSG_CTRUNC. unix(7)
 */
const CREDENTIAL_SPACE = controlSpaceBytes(UCRED.size);
/** Room for SO_RXQ_OVFL and, on a socket made by somebody else, a timestamp before it. */
const DROPS_SPACE = controlSpaceBytes(4) + controlSpaceBytes(16);

/** Uid and gid of a sender without ids in this namespace. Source: user_namespaces(7), /proc/sys/kernel/overflowuid */
const OVERFLOW_ID = 65_534;
/** ::ffff:0:0/96 as its third word. */
const V4_MAPPED_WORD = -65_536;

const MSG_WORDS = MMSGHDR.size / 4;
const CONTROLLEN_WORD = MSGHDR.controllen / 4;
const NAMELEN_WORD = MSGHDR.namelen / 4;
const LEN_WORD = MMSGHDR.len / 4;
const NAME_WORDS = NAME_BYTES / 4;
const CMSG_LEVEL_WORD = CMSGHDR.level / 4;
const CMSG_TYPE_WORD = CMSGHDR.type / 4;
const CMSG_DATA_WORD = CMSGHDR.data / 4;

export class RecvBatch {
  /** Rows cut since creation. */
  cutCount = 0;
  /** Datagrams that the kernel has dropped on this socket since creation, as far as reported. */
  dropCount = 0;
  /** Source port of each row, `network` only. */
  readonly ports: Uint16Array;

  readonly #target: ReceiveTarget;
  readonly #rules: ReceiveRules;
  readonly #rows: number;
  readonly #recvmmsg: Libc['recvmmsg'];
  readonly #errno: () => number;
  /** struct mmsghdr[rows]; the four buffers point to one another and live as long as this object. */
  readonly #messages: NativeBuffer;
  readonly #iovecs: NativeBuffer;
  readonly #names: NativeBuffer;
  readonly #control: NativeBuffer;
  readonly #controlBytes: number;
  #lastDrops = 0;

  constructor(target: ReceiveTarget, rules: ReceiveRules) {
    const { libc, errno } = native();
    this.#target = target;
    this.#rules = rules;
    this.#rows = Math.min(target.rows, MMSG_MAX);
    this.#recvmmsg = libc.recvmmsg;
    this.#errno = errno;
    this.#controlBytes = rules.kind === 'local' ? CREDENTIAL_SPACE : DROPS_SPACE;
    this.ports = new Uint16Array(this.#rows);
    this.#messages = new NativeBuffer(this.#rows * MMSGHDR.size);
    this.#iovecs = new NativeBuffer(this.#rows * IOVEC.size);
    this.#names = new NativeBuffer(this.#rows * NAME_BYTES);
    this.#control = new NativeBuffer(this.#rows * this.#controlBytes);
    this.#link();
  }

  /**
   * Appends up to `maxRows` datagrams from the socket to the batch, from row `count` on.
   *
   * Shape: writes columns len, flags, origin, peer, credPid, credUid, credGid, and `count`
   *
   * @returns the number of rows, fewer than asked only if the socket is empty for now; or -errno (EAGAIN: empty)
   */
  receive(fd: number, maxRows: number): number {
    const first = this.#target.count;
    const room = Math.min(maxRows, this.#rows - first);
    if (room <= 0) return 0;
    const vector = this.#messages.address + first * MMSGHDR.size;
    let received = this.#recvmmsg(fd, vector, room, MSG.DONTWAIT, 0);
    while (received < 0) {
      const errno = -this.#errno();
      if (errno !== ERRNO.EINTR) return errno;
      received = this.#recvmmsg(fd, vector, room, MSG.DONTWAIT, 0);
    }
    const end = first + received;
    this.#fillLengths(first, end);
    if (this.#rules.kind === 'local') this.#fillLocal(first, end);
    else this.#fillNetwork(first, end);
    this.#target.count = end;
    return received;
  }

  /** Takes in a drop counter read by other means (SO_MEMINFO). u32, wraps. */
  noteDrops(counter: number): void {
    // A datagram carries the counter as of when it was queued, which may be older than one read directly since.
    const ahead = (counter - this.#lastDrops) | 0;
    if (ahead <= 0) return;
    this.dropCount += ahead;
    this.#lastDrops = counter;
  }

  #link(): void {
    const target = addressOf(this.#target.memory);
    const { slotBytes, messageBytes } = this.#target;
    if (slotBytes <= messageBytes) throw new RangeError('slots have no room for the byte behind the limit');
    for (let row = 0; row < this.#rows; row++) {
      const iovec = row * IOVEC.size;
      this.#iovecs.setWord64(iovec + IOVEC.base, target + row * slotBytes);
      this.#iovecs.setWord64(iovec + IOVEC.len, messageBytes + 1);
      const message = row * MMSGHDR.size;
      this.#messages.setWord64(message + MSGHDR.iov, this.#iovecs.address + iovec);
      this.#messages.setWord64(message + MSGHDR.iovlen, 1);
      this.#messages.setWord64(message + MSGHDR.control, this.#control.address + row * this.#controlBytes);
      this.#messages.setWord64(message + MSGHDR.controllen, this.#controlBytes);
      if (this.#rules.kind === 'local') continue;
      this.#messages.setWord64(message + MSGHDR.name, this.#names.address + row * NAME_BYTES);
      this.#messages.setWord64(message + MSGHDR.namelen, NAME_USED_BYTES);
    }
  }

  #fillLengths(first: number, end: number): void {
    const { len, flags, origin, messageBytes, slotBytes, bytes } = this.#target;
    const { words } = this.#messages;
    const rules = this.#rules;
    for (let row = first; row < end; row++) {
      const got = words[row * MSG_WORDS + LEN_WORD]!;
      origin[row] = rules.origin;
      if (got <= messageBytes) {
        len[row] = got;
        flags[row] = 0;
      } else {
        len[row] = rules.cutLen(bytes, messageBytes, row * slotBytes);
        flags[row] = rules.cutFlag;
        this.cutCount++;
      }
    }
  }

  #fillLocal(first: number, end: number): void {
    const { peer, credPid, credUid, credGid } = this.#target;
    const { words } = this.#messages;
    const control = this.#control.words;
    const none = this.#rules.noCredential;
    for (let row = first; row < end; row++) {
      const lenAt = row * MSG_WORDS + CONTROLLEN_WORD;
      const at = this.#findControl(row, words[lenAt]!, SCM_CREDENTIALS);
      words[lenAt] = this.#controlBytes;
      const pid = at < 0 ? 0 : control[at]!;
      const uid = at < 0 ? OVERFLOW_ID : control[at + 1]!;
      const gid = at < 0 ? OVERFLOW_ID : control[at + 2]!;
      // A datagram sent before SO_PASSCRED was set has pid 0 and the overflow ids: its sender is unknown.
      const known = pid !== 0 || uid !== OVERFLOW_ID || gid !== OVERFLOW_ID;
      peer[row] = 0;
      credPid[row] = pid === 0 ? none : pid;
      credUid[row] = known ? uid : none;
      credGid[row] = known ? gid : none;
    }
  }

  #fillNetwork(first: number, end: number): void {
    const { peer, credPid, credUid, credGid } = this.#target;
    const { words } = this.#messages;
    const none = this.#rules.noCredential;
    // The counter only grows: the last datagram's is enough. There is none before the first loss.
    if (end > first) {
      const lastLen = words[(end - 1) * MSG_WORDS + CONTROLLEN_WORD]!;
      const at = lastLen === 0 ? -1 : this.#findControl(end - 1, lastLen, SO.RXQ_OVFL);
      if (at >= 0) this.noteDrops(this.#control.words[at]! >>> 0);
    }
    for (let row = first; row < end; row++) {
      const message = row * MSG_WORDS;
      words[message + CONTROLLEN_WORD] = this.#controlBytes;
      words[message + NAMELEN_WORD] = NAME_USED_BYTES;
      // A flood usually comes from one sender. Compared only within a call, so that the lookup sees who is in use.
      peer[row] = row > first && this.#isSameSender(row) ? peer[row - 1]! : this.#lookUp(row);
      credPid[row] = none;
      credUid[row] = none;
      credGid[row] = none;
    }
  }

  /** Finds one control message. @returns the word index of its data, or -1 */
  #findControl(row: number, controlLen: number, type: number): number {
    const words = this.#control.words;
    const base = (row * this.#controlBytes) >> 2;
    const end = base + (controlLen >> 2);
    let at = base;
    while (at + CMSG_DATA_WORD < end) {
      const cmsgLen = words[at]!;
      if (words[at + CMSG_TYPE_WORD] === type && words[at + CMSG_LEVEL_WORD] === SOL.SOCKET) return at + CMSG_DATA_WORD;
      if (cmsgLen < CMSGHDR.size) return -1;
      at += ((cmsgLen + 7) >> 3) << 1;
    }
    return -1;
  }

  #isSameSender(row: number): boolean {
    const { words } = this.#names;
    const at = row * NAME_WORDS;
    const before = at - NAME_WORDS;
    this.ports[row] = portOf(words[at]!);
    if ((words[at]! & 0xffff) !== (words[before]! & 0xffff)) return false;
    if ((words[at]! & 0xffff) === AF.INET) return words[at + 1] === words[before + 1];
    return (
      words[at + 2] === words[before + 2] &&
      words[at + 3] === words[before + 3] &&
      words[at + 4] === words[before + 4] &&
      words[at + 5] === words[before + 5]
    );
  }

  #lookUp(row: number): number {
    const { senders } = this.#rules;
    const { words } = this.#names;
    const at = row * NAME_WORDS;
    this.ports[row] = portOf(words[at]!);
    if (senders === null) return 0;
    const family = words[at]! & 0xffff;
    if (family === AF.INET) return senders.peerOfV4(words[at + 1]!);
    if (family !== AF.INET6) return 0;
    const [w0, w1, w2, w3] = [words[at + 2]!, words[at + 3]!, words[at + 4]!, words[at + 5]!];
    if (w0 === 0 && w1 === 0 && w2 === V4_MAPPED_WORD) return senders.peerOfV4(w3);
    return senders.peerOfV6(w0, w1, w2, w3);
  }
}

/** Port in the first word of a struct sockaddr_in or sockaddr_in6: bytes 2 and 3, network order. */
function portOf(word: number): number {
  return (((word >>> 16) & 0xff) << 8) | (word >>> 24);
}
