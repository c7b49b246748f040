/**
 * The names of this machine, without asking the network. Source: gethostname(2), hosts(5).
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface HostNames {
  /** The first label, e.g. `web1`. */
  readonly short: string;
  /** With the domain if it is known, e.g. `web1.example.org`, else the short name. */
  readonly full: string;
  /** `example.org` in lower case; an empty string if unknown. */
  readonly domain: string;
}

/**
 * The host name from the kernel. A name without a dot is completed from /etc/hosts, if a line there lists it after its
 * full name.
 */
export function readHostNames(): HostNames {
  const name = safeName(hostname());
  return splitHostName(name.includes('.') ? name : (fullNameIn(readHosts(), name) ?? name));
}

/** Splits a name at the first dot. */
export function splitHostName(full: string): HostNames {
  const dot = full.indexOf('.');
  if (dot <= 0) return { short: full, full, domain: '' };
  return { short: full.slice(0, dot), full, domain: full.slice(dot + 1).toLowerCase() };
}

/**
 * @returns the first dotted name that begins with the short one, on a line of hosts(5) that also lists the short one
 */
export function fullNameIn(hosts: string, short: string): string | null {
  const wanted = short.toLowerCase();
  for (const line of hosts.split('\n')) {
    const names = (line.split('#')[0] ?? '').trim().split(/\s+/).slice(1);
    if (!names.some((name) => name.toLowerCase() === wanted)) continue;
    const full = names.find((name) => name.toLowerCase().startsWith(`${wanted}.`));
    if (full !== undefined) return safeName(full);
  }
  return null;
}

function readHosts(): string {
  try {
    return readFileSync('/etc/hosts', 'latin1');
  } catch {
    return '';
  }
}

/** The kernel takes any bytes for a host name; a log line does not. */
function safeName(name: string): string {
  const safe = name.replaceAll(/[^\w.-]/g, '_').replace(/\.+$/, '');
  return safe === '' ? 'localhost' : safe;
}
