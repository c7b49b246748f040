/**
 * Tells whether what is sent to an address comes back to this daemon: forwarding to it would never end.
 *
 * A target is the daemon itself if it is an address of this machine, a broadcast address of one of its networks, or a
 * group, and a socket for network messages receives what arrives there. Source: ip(7), ipv6(7), udp(7).
 */
import { isIP } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Configuration, Directives } from '../../conf/config.ts';
import { formatAddressWords, parseAddressWords } from '../../input/sender/address-words.ts';
import type { NetworkPlace } from '../../input/input.ts';
import { isMulticastAddress } from '../../input/transport.ts';
import type { FindOwnPlace } from '../../output/forward/target-addresses.ts';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import { listeningPlaces } from './listening-places.ts';
import type { DaemonSettings } from './settings.ts';

/** Addresses of this machine in canonical form, see {@link oneSpelling}. */
export interface LocalAddresses {
  readonly own: ReadonlySet<string>;
  readonly broadcast: ReadonlySet<string>;
}

/** Destination of a datagram. */
export interface Destined {
  readonly to: Pick<InetAddress, 'address' | 'port'>;
  /** The interface used for sending; null: any. */
  readonly iface: string | null;
}

const LOOPBACK_IFACE = 'lo';
/** Where a datagram to the unspecified address goes. */
const ANY: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
/** Groups that every machine has joined. Source: RFC 1112 §4, RFC 4291 §2.7.1 */
const ALL_NODES: readonly string[] = ['224.0.0.1', 'ff01::1', 'ff02::1'];
const BROADCAST = '255.255.255.255';

/** Never throws: if the interfaces cannot be listed, only the loopback addresses are assumed. */
export function readLocalAddresses(): LocalAddresses {
  const own = new Set<string>();
  const broadcast = new Set([BROADCAST]);
  for (const { address, netmask, family } of listInterfaces()) {
    own.add(oneSpelling(address));
    if (family === 'IPv4') broadcast.add(broadcastOf(address, netmask));
  }
  return { own, broadcast };
}

/** @returns the first place that receives what is sent there; null: none */
export function findOwnPlace(
  { to, iface }: Destined,
  places: readonly NetworkPlace[],
  local: LocalAddresses,
): NetworkPlace | null {
  const spelled = oneSpelling(to.address);
  const target = ANY.get(spelled) ?? spelled;
  return places.find((place) => place.to.port === to.port && receives(place, target, iface, local)) ?? null;
}

/** @param places read at each query */
export function ownPlaceFinder(places: () => readonly NetworkPlace[]): FindOwnPlace {
  return (to, iface) => {
    const now = places();
    const found = now.length === 0 ? null : findOwnPlace({ to, iface }, now, readLocalAddresses());
    return found === null ? null : spellPlace(found);
  };
}

/** Sockets that the command line and the configuration ask for; those given by name are unknown until resolved. */
export function plannedPlaces(
  settings: Pick<DaemonSettings, 'family' | 'listen' | 'secureMode'>,
  directives: Directives,
): readonly NetworkPlace[] {
  return listeningPlaces(settings, directives).flatMap(({ host, port, iface }) =>
    (host === null ? [...ANY.keys()] : [host]).flatMap((address) => {
      const family = isIP(address);
      if ((family !== 4 && family !== 6) || (settings.family ?? family) !== family) return [];
      return [{ to: { family, address, port, scopeId: 0 }, iface, dual: false, open: false }];
    }),
  );
}

/** A rule that would send to this daemon. */
export interface LoopingRule {
  readonly rule: Configuration['rules'][number];
  readonly place: NetworkPlace;
}

/** @returns rules whose numeric target is this daemon */
export function findLoops(
  { rules, directives }: Configuration,
  settings: Pick<DaemonSettings, 'family' | 'listen' | 'secureMode'>,
): readonly LoopingRule[] {
  const numeric = rules.filter(({ action }) => action.kind === 'forward' && isIP(action.host) !== 0);
  const places = numeric.length === 0 ? [] : plannedPlaces(settings, directives);
  if (places.length === 0) return [];
  const local = readLocalAddresses();
  return numeric.flatMap((rule) => {
    const { action, options } = rule;
    if (action.kind !== 'forward') return [];
    const to = { address: action.host, port: action.port ?? SYSLOG_UDP_PORT };
    const place = findOwnPlace({ to, iface: options.iface }, places, local);
    return place === null ? [] : [{ rule, place }];
  });
}

/** @returns e.g. `0.0.0.0:514`, `[::1]:514%lo` */
export function spellPlace({ to: { address, port }, iface }: Pick<NetworkPlace, 'to' | 'iface'>): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port}${iface === null ? '' : `%${iface}`}`;
}

function receives(place: NetworkPlace, target: string, iface: string | null, local: LocalAddresses): boolean {
  const isSame = oneSpelling(place.to.address) === target;
  const isForAll = ALL_NODES.includes(target) || local.broadcast.has(target);
  if (isForAll || isMulticastAddress(target)) {
    const isOneLink = place.iface === null || iface === null || place.iface === iface;
    return isOneLink && (isSame || (isForAll && isWildcardFor(place, target)));
  }
  // What a machine sends to itself arrives on the loopback interface, whatever the address.
  const isReachable = place.iface === null || place.iface === LOOPBACK_IFACE;
  return isReachable && isLocal(target, local) && (isSame || isWildcardFor(place, target));
}

function isWildcardFor({ to: { address }, dual }: NetworkPlace, target: string): boolean {
  return address === '0.0.0.0' ? isV4(target) : address === '::' && (dual || !isV4(target));
}

function isLocal(target: string, { own }: LocalAddresses): boolean {
  return own.has(target) || target === '::1' || (isV4(target) && target.startsWith('127.'));
}

function isV4(spelled: string): boolean {
  return !spelled.includes(':');
}

/** @returns one text for each address, without scope; for a v4-mapped one, its IPv4 address */
function oneSpelling(address: string): string {
  const words = new Int32Array(4);
  return parseAddressWords(address, words) ? formatAddressWords(words) : address;
}

function listInterfaces(): readonly NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  } catch {
    return [];
  }
}

function broadcastOf(address: string, netmask: string): string {
  const mask = netmask.split('.').map(Number);
  return address
    .split('.')
    .map((byte, idx) => Number(byte) | (~(mask[idx] ?? 0) & 0xff))
    .join('.');
}
