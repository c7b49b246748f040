/**
 * HOT PATH. The unit of work: up to a few hundred datagrams in one block of memory, described by columns.
 *
 * The block holds the slots first (one a row, filled by the kernel or by a copy), then the columns, numeric and
 * aligned, so that a parser outside JavaScript could work on the same bytes. Stages pass `(batch, row)`; nothing is
 * allocated per message. Offsets in columns are absolute in {@link Batch.bytes}.
 *
 * A row is written in this order:
 *   input:  len, origin, peer, credPid, credUid, credGid, and F_CUT in flags
 *   parser: every other column
 *   later stages only read.
 */
import type { ByteBlock } from './byte-block.ts';

/** Where a datagram came from. */
export const ORIGIN = {
  /** A log socket on this machine. */
  local: 0,
  /** The network; column `peer` names the sender. */
  network: 1,
  /** The kernel log. */
  kernel: 2,
  /** The daemon itself. */
  internal: 3,
} as const;
export type Origin = (typeof ORIGIN)[keyof typeof ORIGIN];

/** The datagram was longer than the slot; the rest is lost. Set by the input. */
export const F_CUT = 1;
/** Header and structured data are well-formed RFC 5424; tag columns hold APP-NAME and PROCID. */
export const F_RFC5424 = 2;
/** The message claims a format that it does not keep to: kept whole as text, and counted. */
export const F_PARSE_FAILED = 4;
/** timeSec, timeUsec and timeOffsetMin come from the message, not from the clock. */
export const F_MSG_TIME = 8;
/** hostOff and hostLen name the host to write; otherwise write the sender's label. */
export const F_MSG_HOST = 16;
/** bodyOff to endOff is only 0x20 to 0x7e and tab: it can be copied as it is. */
export const F_CLEAN = 32;
/** No valid PRI: priority 13, the whole datagram is text. */
export const F_NO_PRI = 64;

/** The tag contains blanks: formats in which a blank ends a field cannot show it as a tag. */
export const F_TAG_BLANKS = 128;

/** Value of credPid, credUid, credGid if the kernel said nothing. */
export const CRED_NONE = -1;

/** Bytes after each datagram that a parser may overwrite: it scans in words and pads the last one. */
export const SLOT_SLACK_BYTES = 8;

const WORD_BYTES = 8;
/** Columns of type Int32Array. */
const INT_COLUMNS = 21;

function alignUp(value: number): number {
  return Math.ceil(value / WORD_BYTES) * WORD_BYTES;
}

/** Allocates aligned sections of one block, in call order. */
class Planner {
  offset = 0;

  take(bytes: number): number {
    const at = this.offset;
    this.offset = alignUp(at + bytes);
    return at;
  }
}

/** Shape: `rows` slots of `messageBytes` + slack; one element per row in every column. */
export class Batch implements ByteBlock {
  readonly rows: number;
  /** Longest datagram in a slot, bytes. */
  readonly messageBytes: number;
  /** Distance from slot to slot, bytes, a multiple of 8; slot 0 is at offset 0. */
  readonly slotBytes: number;
  readonly memory: ArrayBuffer;
  /** The whole block. */
  readonly bytes: Buffer;
  readonly view: DataView;
  /** The whole block as 32-bit words (slots begin on word boundaries). */
  readonly words: Int32Array;

  /** Rows that hold a datagram. */
  count = 0;
  /** The clock on receipt, read once per batch: seconds since the epoch and microseconds within the second. */
  nowSec = 0;
  nowUsec = 0;

  /** Bytes of the datagram that are in the slot. */
  readonly len: Int32Array;
  /** One of {@link ORIGIN}. */
  readonly origin: Uint8Array;
  /** F_… bits. */
  readonly flags: Int32Array;
  /** 0 to 191; 192 to 199 only for the daemon's own marks. */
  readonly pri: Uint8Array;
  /** Number of the sender among the known peers (origin `network`), else 0. */
  readonly peer: Int32Array;
  /** What the kernel says of a local sender, or CRED_NONE. Source: unix(7) SCM_CREDENTIALS. */
  readonly credPid: Int32Array;
  readonly credUid: Int32Array;
  readonly credGid: Int32Array;
  /** Time of the message: seconds since the epoch (UTC), microseconds, minutes east of UTC of its wall clock. */
  readonly timeSec: Float64Array;
  readonly timeUsec: Int32Array;
  readonly timeOffsetMin: Int32Array;
  /** Host name; hostLen 0: none. Write it only with F_MSG_HOST. */
  readonly hostOff: Int32Array;
  readonly hostLen: Int32Array;
  /** Tag, APP-NAME; 0: none. */
  readonly tagOff: Int32Array;
  readonly tagLen: Int32Array;
  /** The text in brackets after the tag, PROCID; 0: none. */
  readonly pidOff: Int32Array;
  readonly pidLen: Int32Array;
  /** RFC 5424 MSGID; 0: none. */
  readonly msgIdOff: Int32Array;
  readonly msgIdLen: Int32Array;
  /** RFC 5424 STRUCTURED-DATA with its brackets; 0: none. */
  readonly sdOff: Int32Array;
  readonly sdLen: Int32Array;
  /**
   * Beginning of what is compared for repeats and, unless F_RFC5424, of what a traditional line shows after the host:
   * tag, pid, separator and text as received, byte for byte. With F_RFC5424, the beginning of APP-NAME.
   */
  readonly bodyOff: Int32Array;
  /**
   * Beginning of the text (MSG), after tag and separator, or after the pid if more than a colon follows it. bodyOff <=
   * textOff <= endOff.
   */
  readonly textOff: Int32Array;
  /** End of the text, without a trailing newline or NUL. */
  readonly endOff: Int32Array;

  constructor(rows: number, messageBytes: number) {
    this.rows = rows;
    this.messageBytes = messageBytes;
    this.slotBytes = alignUp(messageBytes + SLOT_SLACK_BYTES);
    const plan = new Planner();
    plan.take(rows * this.slotBytes);
    const i32 = Array.from({ length: INT_COLUMNS }, () => plan.take(rows * 4));
    const f64 = plan.take(rows * 8);
    const u8 = [plan.take(rows), plan.take(rows)];
    this.memory = new ArrayBuffer(plan.offset);
    this.bytes = Buffer.from(this.memory);
    this.view = new DataView(this.memory);
    this.words = new Int32Array(this.memory);
    const column = (): Int32Array => new Int32Array(this.memory, i32.shift(), rows);
    this.len = column();
    this.flags = column();
    this.peer = column();
    this.credPid = column();
    this.credUid = column();
    this.credGid = column();
    this.timeUsec = column();
    this.timeOffsetMin = column();
    this.hostOff = column();
    this.hostLen = column();
    this.tagOff = column();
    this.tagLen = column();
    this.pidOff = column();
    this.pidLen = column();
    this.msgIdOff = column();
    this.msgIdLen = column();
    this.sdOff = column();
    this.sdLen = column();
    this.bodyOff = column();
    this.textOff = column();
    this.endOff = column();
    this.timeSec = new Float64Array(this.memory, f64, rows);
    this.origin = new Uint8Array(this.memory, u8[0], rows);
    this.pri = new Uint8Array(this.memory, u8[1], rows);
  }
}

/** @returns the offset of a row's slot in the block */
export function slotOff(batch: Batch, row: number): number {
  return row * batch.slotBytes;
}

/**
 * Puts a datagram into the next free row, cut to the slot's size, with no credentials and peer 0.
 *
 * @returns its row, or -1 if the batch is full
 */
export function appendRow(batch: Batch, datagram: Uint8Array, origin: Origin): number {
  const row = batch.count;
  if (row === batch.rows) return -1;
  batch.count = row + 1;
  const cut = datagram.length > batch.messageBytes;
  const len = cut ? cutLen(datagram, batch.messageBytes) : datagram.length;
  batch.bytes.set(cut ? datagram.subarray(0, len) : datagram, slotOff(batch, row));
  batch.len[row] = len;
  batch.flags[row] = cut ? F_CUT : 0;
  batch.origin[row] = origin;
  batch.peer[row] = 0;
  batch.credPid[row] = CRED_NONE;
  batch.credUid[row] = CRED_NONE;
  batch.credGid[row] = CRED_NONE;
  return row;
}

/**
 * Where to cut `bytes` so that at most `limit` bytes remain and no UTF-8 sequence is split.
 *
 * @returns a length, `limit` - 3 to `limit`; `limit` if the bytes around it are not UTF-8
 */
export function cutLen(bytes: Uint8Array, limit: number, start = 0): number {
  let lead = limit;
  while (lead > 0 && limit - lead < 4 && ((bytes[start + lead] ?? 0) & 0xc0) === 0x80) lead--;
  const first = bytes[start + lead] ?? 0;
  return first >= 0xc2 && first <= 0xf4 && lead < limit ? lead : limit;
}
