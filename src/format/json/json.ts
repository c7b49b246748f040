/**
 * HOT PATH. One JSON object per line (RFC 8259), always valid and always UTF-8, whatever was received. Keys, in this
 * order, without those that have no value:
 *
 *   time, host, facility, severity, app, procid, msgid, sd, message, _PID, _UID, _GID, source
 *
 * All values are strings but for `sd`, see json-sd.ts, and the numbers `_PID`, `_UID`, `_GID`: what the kernel says of
 * a local sender. `source` is the address of a network sender, whatever the message claims. `message` is there even if
 * it is empty. `-8` has no effect here: bytes that are not UTF-8 are escaped.
 */
import { type Batch, CRED_NONE, F_CLEAN, ORIGIN } from '../../dgram-parser/columns/batch.ts';
import { type ByteBlock, copyWords } from '../../dgram-parser/columns/byte-block.ts';
import { CH } from '../../protocol/char-class.ts';
import { FACILITY_NAMES, PRI_TABLE_SIZE, SEVERITY_NAMES } from '../../protocol/priority.ts';
import { writeLineEnd } from '../bytes/body.ts';
import { copyBytes } from '../bytes/copy.ts';
import { DECIMAL_MAX_BYTES, writeDecimal } from '../bytes/digits.ts';
import { SD_JSON_EXPANSION, SD_JSON_EXTRA_BYTES, writeSdObject } from './json-sd.ts';
import { isJsonPlain, JSON_CLEAN_EXPANSION, JSON_MAX_EXPANSION, writeJsonText } from './json-text.ts';
import type { HostLabel, RecordFormat } from '../record-format.ts';
import { Rfc3339Time } from '../bytes/rfc3339-time.ts';

/** Knows the addresses of network senders. */
export interface PeerAddresses {
  /** @returns the numeric address of a sender (column `peer`); null: not known, or no longer */
  address(peer: number): string | null;
}

/** What comes before each value. */
const TIME_KEY = key('{"time":"');
const HOST_KEY = key(',"host":"');
const APP_KEY = key(',"app":"');
const PROCID_KEY = key(',"procid":"');
const MSGID_KEY = key(',"msgid":"');
const SD_KEY = key(',"sd":');
const MESSAGE_KEY = key(',"message":"');
const PID_KEY = key(',"_PID":');
const UID_KEY = key(',"_UID":');
const GID_KEY = key(',"_GID":');
const NOTHING = key('');
const BRACE_CLOSE = 0x7d;

/** `,"facility":"user","severity":"notice"` by PRI. */
const PRIORITIES: readonly Uint8Array[] = Array.from({ length: PRI_TABLE_SIZE }, (_, pri) =>
  key(`,"facility":"${FACILITY_NAMES[pri >> 3] ?? ''}","severity":"${SEVERITY_NAMES[pri & 7] ?? ''}"`),
);

/** All keys with quotes, the longest priority, the time, three numbers, brace and end of line. */
const FIXED_BYTES = 256 + 3 * DECIMAL_MAX_BYTES;

function key(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function copyAll(src: Uint8Array, dst: Buffer, off: number): number {
  return copyBytes(src, 0, src.length, dst, off);
}

export class JsonFormat implements RecordFormat {
  readonly #time = new Rfc3339Time();
  readonly #peers: PeerAddresses;
  /** The last sender looked up, and what is written for it. */
  #peer = Number.NaN;
  #source: Uint8Array = NOTHING;

  constructor(peers: PeerAddresses) {
    this.#peers = peers;
  }

  bound(batch: Batch, row: number, host: HostLabel): number {
    const isClean = (batch.flags[row]! & F_CLEAN) !== 0;
    const body = (batch.endOff[row]! - batch.bodyOff[row]!) * (isClean ? JSON_CLEAN_EXPANSION : JSON_MAX_EXPANSION);
    const sd = batch.sdLen[row]! * SD_JSON_EXPANSION + SD_JSON_EXTRA_BYTES;
    return FIXED_BYTES + host.len * JSON_MAX_EXPANSION + body + sd + this.#sourceOf(batch, row).length;
  }

  write(batch: Batch, row: number, host: HostLabel, block: ByteBlock, off: number, crlf: boolean): number {
    const { bytes } = batch;
    const dst = block.bytes;
    let at = copyAll(TIME_KEY, dst, off);
    at = this.#time.write(batch.timeSec[row]!, batch.timeUsec[row]!, batch.timeOffsetMin[row]!, block.view, at);
    dst[at++] = CH.quote;
    at = writeMember(HOST_KEY, host.bytes, host.off, host.len, dst, at);
    at = copyAll(PRIORITIES[batch.pri[row]!] ?? NOTHING, dst, at);
    at = writeMember(APP_KEY, bytes, batch.tagOff[row]!, batch.tagLen[row]!, dst, at);
    at = writeMember(PROCID_KEY, bytes, batch.pidOff[row]!, batch.pidLen[row]!, dst, at);
    at = writeMember(MSGID_KEY, bytes, batch.msgIdOff[row]!, batch.msgIdLen[row]!, dst, at);
    const sdLen = batch.sdLen[row]!;
    if (sdLen > 0) {
      at = copyAll(SD_KEY, dst, at);
      at = writeSdObject(bytes, batch.sdOff[row]!, batch.sdOff[row]! + sdLen, dst, at);
    }
    at = writeMessage(batch, row, block, at);
    at = writeCredentials(batch, row, dst, at);
    at = copyAll(this.#sourceOf(batch, row), dst, at);
    dst[at++] = BRACE_CLOSE;
    return writeLineEnd(block, at, crlf);
  }

  /** Sender numbers are not reused, so a cached address stays right; a sender not known yet may become known. */
  #sourceOf(batch: Batch, row: number): Uint8Array {
    if (batch.origin[row] !== ORIGIN.network) return NOTHING;
    const peer = batch.peer[row]!;
    if (peer === this.#peer) return this.#source;
    const address = this.#peers.address(peer);
    this.#peer = address === null ? Number.NaN : peer;
    this.#source = address === null ? NOTHING : Buffer.from(`,"source":${JSON.stringify(address)}`);
    return this.#source;
  }
}

/** Writes a key and its string, or nothing if there is none. @returns the offset after it */
function writeMember(
  prefix: Uint8Array,
  src: Uint8Array,
  fieldOff: number,
  len: number,
  dst: Buffer,
  off: number,
): number {
  if (len === 0) return off;
  const at = writeJsonText(src, fieldOff, fieldOff + len, dst, copyAll(prefix, dst, off));
  dst[at] = CH.quote;
  return at + 1;
}

function writeMessage(batch: Batch, row: number, block: ByteBlock, off: number): number {
  const dst = block.bytes;
  const begin = batch.textOff[row]!;
  const end = batch.endOff[row]!;
  let at = copyAll(MESSAGE_KEY, dst, off);
  const isPlain = (batch.flags[row]! & F_CLEAN) !== 0 && isJsonPlain(batch, begin, end);
  at = isPlain ? copyWords(batch.view, begin, end, block.view, at) : writeJsonText(batch.bytes, begin, end, dst, at);
  dst[at] = CH.quote;
  return at + 1;
}

/** A pid of 0 belongs to a process outside this pid namespace: unknown. Source: pid_namespaces(7) */
function writeCredentials(batch: Batch, row: number, dst: Buffer, off: number): number {
  const pid = batch.credPid[row]!;
  const uid = batch.credUid[row]!;
  const gid = batch.credGid[row]!;
  let at = off;
  if (pid > 0) at = writeDecimal(pid, dst, copyAll(PID_KEY, dst, at));
  // The columns are signed, the ids are not.
  if (uid !== CRED_NONE) at = writeDecimal(uid >>> 0, dst, copyAll(UID_KEY, dst, at));
  if (gid !== CRED_NONE) at = writeDecimal(gid >>> 0, dst, copyAll(GID_KEY, dst, at));
  return at;
}
