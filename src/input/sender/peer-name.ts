/**
 * Decides which names senders may have in the log, whatever name servers say: only this machine has its own name,
 * `localhost` and the like, and no name looks like an address once the local domain is removed.
 */
import { networkInterfaces } from 'node:os';
import type { HostNames } from '../../sys/machine/host.ts';
import { looksLikeAddress } from './reverse-dns.ts';

/** Names of loopback addresses. Source: hosts(5), RFC 6761 §6.3 */
const LOOPBACK_NAMES: ReadonlySet<string> = new Set([
  'localhost',
  'localhost.localdomain',
  'localhost4',
  'localhost6',
  'ip6-localhost',
  'ip6-loopback',
  'loopback',
]);

/** @returns whether the address, as text without scope, is one of this machine. */
export function isOwnAddress(address: string): boolean {
  if (address === '::1' || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((found) => found?.some((each) => each.address === address) === true);
}

/**
 * What is written for a sender of this name.
 *
 * @param name full, in lower case
 * @param isOwn the sender's address is one of this machine
 * @returns the name, the local domain cut off; null: the sender cannot have this name
 */
export function peerLabel(name: string, isOwn: boolean, local: HostNames): string | null {
  const label = cutDomain(name, local.domain);
  if (isOwn) return label;
  const ownNames = [local.short.toLowerCase(), local.full.toLowerCase()];
  const isTaken = [name, label].some((word) => ownNames.includes(word) || LOOPBACK_NAMES.has(word));
  return isTaken ? null : label;
}

function cutDomain(name: string, domain: string): string {
  const suffix = `.${domain}`;
  if (domain === '' || name.length <= suffix.length || !name.endsWith(suffix)) return name;
  const label = name.slice(0, -suffix.length);
  return looksLikeAddress(label) ? name : label;
}
