/**
 * Options of a loghost, and what forwarding shares with the rest of the daemon.
 */
import type { ChunkPool } from '../../queue/chunk-pool.ts';
import type { OutputCounters, Report } from '../output.ts';
import type { HostLookup } from './host-lookup.ts';
import { type FindOwnPlace, LOOKUP_PAUSES, type LookupPauses } from './target-addresses.ts';
import type { LinkOpener } from './udp-link.ts';

/** Time from a send to the check whether it was refused. */
const CHECK_MS = 1000;

export interface ForwardTiming {
  readonly lookup: LookupPauses;
  readonly checkMs: number;
  /**
   * A peer that has not refused for this long is listening again. Peers limit the rate of refusals, many to one per
   * second.
   */
  readonly settleMs: number;
}

export const FORWARD_TIMING: ForwardTiming = { lookup: LOOKUP_PAUSES, checkMs: CHECK_MS, settleMs: 10_000 };

export interface ForwardOptions {
  /** A name, or a numeric address without brackets. */
  readonly host: string;
  /** Null: 514. */
  readonly port: number | null;
  readonly iface: string | null;
  readonly ttl: number | null;
  /** Send to every address of the name (`-A`), not just the first that works. */
  readonly allAddresses: boolean;
  /** Only addresses of this family; null: both. */
  readonly family: 4 | 6 | null;
  readonly payloadBytes: number;
  readonly timing?: ForwardTiming;
}

export interface ForwardServices {
  readonly pool: ChunkPool;
  readonly report: Report;
  readonly lookup: HostLookup;
  readonly openLink: LinkOpener;
  readonly ownPlace: FindOwnPlace;
}

export interface ForwardCounters extends OutputCounters {
  /** Datagrams cut to the longest payload. */
  cut: number;
}
