/**
 * Creates the set of outputs of a daemon from its command line: what all outputs share, and what all forwarding shares.
 */
import { FormatSet } from '../../format/create-format.ts';
import type { Peers } from '../../input/sender/peers.ts';
import { WriteGate } from '../../output/file/write-gate.ts';
import { QueuedLookup } from '../../output/forward/host-lookup.ts';
import { openNativeLink } from '../../output/forward/native-udp-link.ts';
import { openPortableLink } from '../../output/forward/portable-udp-link.ts';
import type { FindOwnPlace } from '../../output/forward/target-addresses.ts';
import type { OutputServices } from '../../output/services.ts';
import { ThreadGate } from '../../output/thread-gate.ts';
import type { FileOwner } from '../../output/target/file-owner.ts';
import { MESSAGE_DEFAULT_BYTES } from '../../protocol/limits.ts';
import { nativeAvailable } from '../../sys/call/native.ts';
import { findGroup, findUser } from '../../sys/process/accounts.ts';
import type { DaemonSettings } from '../settings/settings.ts';
import type { ForwardSetup } from './create-output.ts';
import type { HostLabels } from './host-labels.ts';
import { OutputSet } from './output-set.ts';

/** One for each thread of the pool: more would not be faster, and take descriptors. */
const OPENING_MAX = 16;

/** What the outputs share with the rest of the daemon. */
export interface OutputSurroundings {
  readonly services: Omit<OutputServices, 'gate' | 'opens' | 'writes'>;
  readonly labels: HostLabels;
  readonly peers: Peers;
  /** Tells whether a target is the daemon itself. */
  readonly ownPlace: FindOwnPlace;
  /** Longest message, bytes. */
  readonly messageBytes: number;
}

export function createOutputSet(settings: DaemonSettings, surroundings: OutputSurroundings): OutputSet {
  const { services, labels, peers, ownPlace, messageBytes } = surroundings;
  const gate = new ThreadGate();
  return new OutputSet(
    { ...services, gate, opens: new ThreadGate(OPENING_MAX), writes: new WriteGate() },
    {
      noRepeats: settings.noRepeats,
      messageBytes: Math.max(messageBytes, MESSAGE_DEFAULT_BYTES),
      rotate: settings.rotate,
      forward: forwardSetup(settings, gate, ownPlace),
      owner: fileOwner(settings),
    },
    labels,
    new FormatSet({
      keep8bit: settings.keep8bit,
      peers: { address: (peer) => peers.describe(peer)?.address ?? null },
    }),
  );
}

/**
 * Native calls send many datagrams at once; without them, or if the portable receiver is requested, Node's sockets do.
 */
function forwardSetup(settings: DaemonSettings, gate: ThreadGate, ownPlace: FindOwnPlace): ForwardSetup {
  const { allAddresses, family, udpSizeBytes, receiver } = settings;
  const openLink = receiver !== 'portable' && nativeAvailable().ok ? openNativeLink : openPortableLink;
  return { lookup: new QueuedLookup(gate), openLink, ownPlace, allAddresses, family, udpSizeBytes };
}

/** A file created before privileges are given up gets the owner it would have afterwards. */
function fileOwner({ user, group }: DaemonSettings): FileOwner {
  const account = user === null ? null : findUser(user);
  const gid = group === null ? (account?.gid ?? null) : findGroup(group);
  return { owner: account === null ? null : String(account.uid), group: gid === null ? null : String(gid) };
}
