/**
 * HOT PATH. Host and tag of a traditional message (RFC 3164 §4.1.2, §4.1.3), after PRI and time stamp.
 *
 * Few messages have the header that the RFC describes, and nothing marks the ones that do. So a word is taken as the
 * host only with evidence: a tag follows, it names the sender or this machine, or the operator trusts it. What is not
 * recognized stays in the body, so that no word is lost. No byte is moved.
 */
import { type Batch, F_MSG_HOST, F_TAG_BLANKS, ORIGIN } from '../columns/batch.ts';
import { isIpv6Literal, looksLikeHost, mayBeHost } from './host-scan.ts';
import type { HostWords } from './host-words.ts';
import { graphEnd, skipBlanks, type TagScan, tagStart } from './tag-scan.ts';
import { CH } from '../../protocol/char-class.ts';
import { HOST_MAX_BYTES } from '../../protocol/limits.ts';

/** Phrases that relays put before the host and its colon: syslogd of AIX and of FreeBSD. */
const FORWARDED: readonly Uint8Array[] = ['Message forwarded from ', 'Forwarded from '].map((s) => Buffer.from(s));
/** Looks like host and text, but is the traditional line for repeats. */
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

  /** Reads what follows PRI if there is no time stamp: a tag and text, seldom a host. @returns flags to set */
  readTag(batch: Batch, row: number, at: number): number {
    const bytes = batch.bytes;
    const { tags } = this;
    const begin = tagStart(bytes, at);
    if (tags.scan(bytes, begin, batch.endOff[row]!)) return this.takeTag(batch, row, at);
    // Most texts end here: a word that is not a name, followed by one in lower case.
    const isNetwork = batch.origin[row] === ORIGIN.network;
    const stop = isNetwork ? graphEnd(bytes, tags.runEnd) : tags.runEnd;
    if (stop === begin || bytes[stop] !== CH.space) return takeText(batch, row, at);
    return this.readWords(batch, row, at, begin, stop);
  }

  /** The same if a blank follows the first word, which begins at `word` and is not a tag. */
  private readWords(batch: Batch, row: number, at: number, word: number, stop: number): number {
    const bytes = batch.bytes;
    const end = batch.endOff[row]!;
    const { runEnd } = this.tags;
    if (this.isNamed(batch, row, word, stop) && this.scanTag(bytes, stop + 1, end)) {
      return this.takeHost(batch, row, word, stop, true);
    }
    if (this.tags.scanWords(bytes, word, runEnd, end)) return this.takeTag(batch, row, at);
    if (this.isTrusted(batch, row, word, stop)) return this.takeHost(batch, row, word, stop, true);
    return takeText(batch, row, at);
  }

  /** Whether a word without a time before it is a known host name: libsyslog sends `<14>HOST TAG[PID]: …`. */
  private isNamed(batch: Batch, row: number, word: number, stop: number): boolean {
    const { bytes } = batch;
    const isNetwork = batch.origin[row] === ORIGIN.network;
    if (isNetwork && this.hosts.isPeer(batch.peer[row]!, bytes, word, stop - word)) return true;
    return (!isNetwork || this.keepHost) && this.hosts.isLocalHost(bytes, word, stop - word);
  }

  /** The same for any name: the operator's trust is not enough without a pid, since `disk failure: …` is a text. */
  private isTrusted(batch: Batch, row: number, word: number, stop: number): boolean {
    const { bytes } = batch;
    if (!this.keepHost || batch.origin[row] !== ORIGIN.network || stop - word > HOST_MAX_BYTES) return false;
    if (!looksLikeHost(bytes, word, stop) || !mayBeHost(bytes, word, stop)) return false;
    return this.scanTag(bytes, stop + 1, batch.endOff[row]!) && this.tags.hasNumber(bytes);
  }

  /** Looks for either kind of tag after a host. */
  private scanTag(bytes: Uint8Array, at: number, end: number): boolean {
    const begin = tagStart(bytes, at);
    return this.tags.scan(bytes, begin, end) || this.tags.scanWords(bytes, begin, this.tags.runEnd, end);
  }

  /** Reads what follows a time stamp. @returns flags to set */
  readHostAndTag(batch: Batch, row: number, at: number): number {
    const bytes = batch.bytes;
    const end = batch.endOff[row]!;
    const word = skipBlanks(bytes, at);
    const begin = tagStart(bytes, at);
    if (this.tags.scan(bytes, begin, end) && !this.isAddress(bytes, word)) return this.takeTag(batch, row, at);
    const { runEnd } = this.tags;
    const stop = graphEnd(bytes, word);
    const len = stop - word;
    if (len === 0 || len > HOST_MAX_BYTES || (stop < end && bytes[stop] !== CH.space)) {
      return takeText(batch, row, at);
    }
    if (this.keepHost && batch.origin[row] === ORIGIN.network && this.readForwarded(batch, row, word)) {
      return F_MSG_HOST;
    }
    const body = stop + 1;
    const tagged = stop < end && this.scanTag(bytes, body, end);
    if (this.isHost(batch, row, word, stop, tagged)) return this.takeHost(batch, row, word, stop, tagged);
    if (begin === word && this.tags.scanWords(bytes, word, runEnd, end)) return this.takeTag(batch, row, at);
    return takeText(batch, row, at);
  }

  /** Writes the columns of a host, and of the tag after it that was scanned last. @returns flags to set */
  private takeHost(batch: Batch, row: number, word: number, stop: number, tagged: boolean): number {
    const end = batch.endOff[row]!;
    const body = stop < end ? stop + 1 : end;
    batch.hostOff[row] = word;
    batch.hostLen[row] = stop - word;
    const flags = tagged ? this.takeTag(batch, row, body) : takeText(batch, row, body);
    return this.keepHost ? flags | F_MSG_HOST : flags;
  }

  /** What looks like a tag may be the first group of an IPv6 address, if no blank follows the colon. */
  private isAddress(bytes: Uint8Array, word: number): boolean {
    const { textOff, tagOff } = this.tags;
    if (tagOff !== word || bytes[textOff - 1] === CH.space) return false;
    return isIpv6Literal(bytes, word, graphEnd(bytes, word));
  }

  private isHost(batch: Batch, row: number, word: number, stop: number, tagged: boolean): boolean {
    const bytes = batch.bytes;
    const len = stop - word;
    if (bytes[stop - 1] === CH.colon && !isIpv6Literal(bytes, word, stop)) return false;
    const mayBe = mayBeHost(bytes, word, stop);
    const origin = batch.origin[row];
    if (origin !== ORIGIN.network) {
      // Messages from the kernel log or the daemon itself have no host.
      const isTrusted = tagged && this.keepHost && mayBe && origin === ORIGIN.local;
      return isTrusted || this.hosts.isLocalHost(bytes, word, len);
    }
    if (tagged && mayBe) return true;
    const trusted =
      this.keepHost &&
      mayBe &&
      stop + 1 < batch.endOff[row]! &&
      looksLikeHost(bytes, word, stop) &&
      !startsWith(bytes, word, REPEATED);
    return trusted || this.hosts.isPeer(batch.peer[row]!, bytes, word, len);
  }

  /** `Forwarded from HOST: TAG: …`: host and tag follow a phrase. @returns whether it was one */
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

  /** Writes the columns of the tag that was scanned last; the body begins before it. @returns flags to set */
  private takeTag(batch: Batch, row: number, body: number): number {
    const tags = this.tags;
    batch.tagOff[row] = tags.tagOff;
    batch.tagLen[row] = tags.tagLen;
    if (tags.pidLen > 0) {
      batch.pidOff[row] = tags.pidOff;
      batch.pidLen[row] = tags.pidLen;
    }
    batch.bodyOff[row] = body;
    batch.textOff[row] = tags.textOff;
    return tags.hasBlanks ? F_TAG_BLANKS : 0;
  }
}

/** @returns flags to set */
function takeText(batch: Batch, row: number, at: number): number {
  batch.bodyOff[row] = at;
  batch.textOff[row] = at;
  return 0;
}

function startsWith(bytes: Uint8Array, at: number, phrase: Uint8Array): boolean {
  for (let i = 0; i < phrase.length; i++) if (bytes[at + i] !== phrase[i]) return false;
  return true;
}
