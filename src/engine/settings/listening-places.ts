/**
 * Where the daemon receives over UDP: the places named on the command line and in the configuration, each once.
 */
import { isIP } from 'node:net';
import { isOtherFamily } from '../../conf/words/addresses.ts';
import type { Directives, ListenAddress } from '../../conf/config.ts';
import { formatAddressWords, parseAddressWords } from '../../input/sender/address-words.ts';
import { isMulticastAddress } from '../../input/transport.ts';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import type { DaemonSettings } from './settings.ts';

/** A {@link ListenAddress} in canonical form, including its port. */
export interface ListeningPlace extends ListenAddress {
  readonly port: number;
}

/** All addresses, port 514. */
const DEFAULT_PLACES: readonly ListeningPlace[] = [{ host: null, port: SYSLOG_UDP_PORT, iface: null }];

/** Whether anything may be received from the network. The command line overrides the configuration. */
export function receivesFromNetwork(settings: Pick<DaemonSettings, 'secureMode'>, directives: Directives): boolean {
  return (settings.secureMode ?? directives.secureMode ?? 0) === 0;
}

/** `-b` and `listen` accumulate; without either it is port 514 of all addresses. */
export function listeningPlaces(
  settings: Pick<DaemonSettings, 'family' | 'listen' | 'secureMode'>,
  directives: Directives,
): readonly ListeningPlace[] {
  if (!receivesFromNetwork(settings, directives)) return [];
  const named = distinct([...settings.listen, ...directives.listen].map(oneSpelling));
  // Places whose family may not be bound are left, to be refused.
  const isCovered = (place: ListeningPlace): boolean =>
    !isOtherFamily(place, settings.family) && named.some((other) => other !== place && covers(other, place));
  const places = named.filter((place) => !isCovered(place));
  return places.length > 0 ? places : DEFAULT_PLACES;
}

/** Two places with the same key are one socket. */
export function placeKey({ host, port, iface }: ListeningPlace): string {
  return JSON.stringify([host, port, iface]);
}

function distinct(places: readonly ListeningPlace[]): readonly ListeningPlace[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}

function oneSpelling({ host, port, iface }: ListenAddress): ListeningPlace {
  return { host: host === null ? null : oneName(host), port: port ?? SYSLOG_UDP_PORT, iface };
}

function oneName(host: string): string {
  const words = new Int32Array(4);
  if (isIP(host) !== 6 || host.includes('%') || !parseAddressWords(host, words)) return host.toLowerCase();
  const text = formatAddressWords(words);
  // A v4-mapped address is a different socket from the IPv4 one.
  return isIP(text) === 6 ? text : `::ffff:${text}`;
}

/**
 * Whether what is sent to `place` also arrives at `wide`: the kernel binds only one of them. A group must be joined.
 */
function covers(wide: ListeningPlace, place: ListeningPlace): boolean {
  if (wide.port !== place.port || (wide.iface !== null && wide.iface !== place.iface)) return false;
  const family = isIP(place.host ?? '');
  if (family !== 0 && isMulticastAddress(place.host ?? '')) return false;
  switch (wide.host) {
    case null:
      return true;
    case '0.0.0.0':
      return family === 4;
    case '::':
      return family === 6;
    default:
      return false;
  }
}
