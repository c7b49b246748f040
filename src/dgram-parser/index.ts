/**
 * The export `tsyslogd/dgram-parser`: the parser of the daemon for other programs, as columns (Batch and
 * DatagramParser) and as objects (parse and createReader). See README.md in this folder.
 */
export {
  appendRow,
  Batch,
  CRED_NONE,
  F_CLEAN,
  F_CUT,
  F_MSG_HOST,
  F_MSG_TIME,
  F_NO_PRI,
  F_PARSE_FAILED,
  F_RFC5424,
  F_TAG_BLANKS,
  ORIGIN,
  type Origin,
  slotOff,
} from './columns/batch.ts';
export {
  createReader,
  type DatagramReader,
  type DatagramTime,
  type ParsedDatagram,
  parse,
  type ReadOptions,
} from './datagram.ts';
export { type HostWords, NO_HOST_WORDS } from './header/host-words.ts';
export { DatagramParser, type ParseSettings } from './parser.ts';
export { SANITIZE_MAX_EXPANSION, sanitize } from './sanitize.ts';
export type { SdElement, SdParam } from './structured/structured-data.ts';
export { fixedZone, type Zone } from '../protocol/calendar.ts';
export { LocalZone } from '../protocol/local-zone.ts';
