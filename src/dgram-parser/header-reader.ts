/**
 * HOT PATH. Host and tag of a traditional message (RFC 3164 §4.1.2, §4.1.3), behind PRI and time stamp.
 *
 * Few messages have the header that the RFC describes, and nothing marks the ones that do. Hence: a word is
 * the host only where that can be told (a tag follows, it names the sender or this machine, the operator
 * trusts it). What is not recognised stays in the body, so that no word is lost.
 */
import { type Batch, F_MSG_HOST, ORIGIN } from './batch.ts';
import type { HostWords } from './host-words.ts';
import { graphEnd, isIpv6Literal, looksLikeHost, skipBlanks, type TagScan, tagStart } from './tag-scan.ts';
import { CH } from '../protocol/char-class.ts';
import { HOST_MAX_BYTES } from '../protocol/limits.ts';

/** Phrases that relays put before the host and its colon: syslogd of AIX, and of FreeBSD. */
const FORWARDED: readonly Uint8Array[] = ['Message forwarded from ', 'Forwarded from '].map((s) => Buffer.from(s));
/** What looks like a host and a text but is the traditional line for repeats. */
const REPEATED: Uint8Array = Buffer.from('last message repeated ');

/** Reads headers into the columns hostOff, hostLen, tagOff, tagLen, pidOff, pidLen, bodyOff and textOff. */
export class HeaderReader {
  private readonly keepHost: boolean;
  private readonly hosts: HostWords;
  private readonly tags: TagScan;

  constructor(keepHost: boolean, hosts: HostWords, tags: TagScan) {
    this.keepHost = keepHost;
    this.hosts = hosts;
    this.tags = tags;
  }

  /** Reads what follows PRI where there is no time stamp: a tag and text. */
  readTag(batch: Batch, row: number, at: number): void {
    if (this.tags.scan(batch.bytes, tagStart(batch.bytes, at), batch.endOff[row]!)) this.takeTag(batch, row, at);
    else takeText(batch, row, at);
  }

  /** Reads what follows a time stamp. @returns flags to set. */
  readHostAndTag(batch: Batch, row: number, at: number): number {
    const bytes = batch.bytes;
    const end = batch.endOff[row]!;
    const word = skipBlanks(bytes, at);
    if (this.tags.scan(bytes, tagStart(bytes, at), end) && !this.isAddress(bytes, word)) {
      this.takeTag(batch, row, at);
      return 0;
    }
    const stop = graphEnd(bytes, word);
    const len = stop - word;
    if (len === 0 || len > HOST_MAX_BYTES || (stop < end && bytes[stop] !== CH.space)) {
      takeText(batch, row, at);
      return 0;
    }
    if (this.keepHost && batch.origin[row] === ORIGIN.network && this.readForwarded(batch, row, word)) {
      return F_MSG_HOST;
    }
    const body = stop < end ? stop + 1 : end;
    const tagged = stop < end && this.tags.scan(bytes, tagStart(bytes, body), end);
    if (!this.isHost(batch, row, word, stop, tagged)) {
      takeText(batch, row, at);
      return 0;
    }
    batch.hostOff[row] = word;
    batch.hostLen[row] = len;
    if (tagged) this.takeTag(batch, row, body);
    else takeText(batch, row, body);
    return this.keepHost ? F_MSG_HOST : 0;
  }

  /** What was taken for a tag may be the first group of an IPv6 address, if no blank follows the colon. */
  private isAddress(bytes: Uint8Array, word: number): boolean {
    const { textOff, tagOff } = this.tags;
    if (tagOff !== word || bytes[textOff - 1] === CH.space) return false;
    return isIpv6Literal(bytes, word, graphEnd(bytes, word));
  }

  private isHost(batch: Batch, row: number, word: number, stop: number, tagged: boolean): boolean {
    const bytes = batch.bytes;
    const len = stop - word;
    if (bytes[stop - 1] === CH.colon && !isIpv6Literal(bytes, word, stop)) return false;
    if (batch.origin[row] !== ORIGIN.network) {
      return (tagged && this.keepHost) || this.hosts.isLocalHost(bytes, word, len);
    }
    if (tagged) return true;
    const trusted =
      this.keepHost &&
      stop + 1 < batch.endOff[row]! &&
      looksLikeHost(bytes, word, stop) &&
      !startsWith(bytes, word, REPEATED);
    return trusted || this.hosts.isPeer(batch.peer[row]!, bytes, word, len);
  }

  /** `Forwarded from HOST: TAG: …`: host and tag stand behind a phrase. @returns whether it was one. */
  private readForwarded(batch: Batch, row: number, at: number): boolean {
    const bytes = batch.bytes;
    for (const phrase of FORWARDED) {
      if (!startsWith(bytes, at, phrase)) continue;
      const host = at + phrase.length;
      const stop = graphEnd(bytes, host) - 1;
      if (stop <= host || stop - host > HOST_MAX_BYTES || bytes[stop] !== CH.colon || bytes[stop + 1] !== CH.space) {
        return false;
      }
      if (!this.tags.scan(bytes, tagStart(bytes, stop + 2), batch.endOff[row]!)) return false;
      batch.hostOff[row] = host;
      batch.hostLen[row] = stop - host;
      this.takeTag(batch, row, stop + 2);
      return true;
    }
    return false;
  }

  /** Writes the columns of the tag that was scanned last; `body` is before it, with nothing but blanks between. */
  private takeTag(batch: Batch, row: number, body: number): void {
    const tags = this.tags;
    let begin = body;
    let tag = tags.tagOff;
    if (tags.wrapped) {
      dropParentheses(batch.bytes, body, tag, tags.tagLen);
      begin += 2;
      tag += 1;
    }
    batch.tagOff[row] = tag;
    batch.tagLen[row] = tags.tagLen;
    if (tags.pidLen > 0) {
      batch.pidOff[row] = tags.pidOff;
      batch.pidLen[row] = tags.pidLen;
    }
    batch.bodyOff[row] = begin;
    batch.textOff[row] = tags.textOff;
  }
}

function takeText(batch: Batch, row: number, at: number): void {
  batch.bodyOff[row] = at;
  batch.textOff[row] = at;
}

/** Moves what stands before and in the parentheses towards the end, over them: two bytes at `body` become free. */
function dropParentheses(bytes: Buffer, body: number, tagOff: number, tagLen: number): void {
  bytes.copyWithin(tagOff + 1, tagOff, tagOff + tagLen);
  bytes.copyWithin(body + 2, body, tagOff - 1);
}

function startsWith(bytes: Uint8Array, at: number, phrase: Uint8Array): boolean {
  for (let i = 0; i < phrase.length; i++) if (bytes[at + i] !== phrase[i]) return false;
  return true;
}
