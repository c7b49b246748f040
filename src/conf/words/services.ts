/**
 * Ports as numbers or as names of UDP services. Source: services(5).
 */
import { readFileSync } from 'node:fs';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import { inRoot } from '../../sys/call/root-directory.ts';
import { parseCount } from './sizes.ts';

const SERVICES_FILE = '/etc/services';
const PORT_MAX = 65_535;

/** What is accepted, for messages. */
export const PORT_FORM = `1 to ${PORT_MAX}, or a UDP service of ${SERVICES_FILE}`;

/** @returns the text of services(5), empty if it cannot be read */
export type ReadServices = () => string;

/** @returns the port; null: a number out of range, or no such service */
export function parsePort(text: string, readServices: ReadServices = readFromFile): number | null {
  return /^\d+$/.test(text) ? parseCount(text, 1, PORT_MAX) : findService(readServices(), text);
}

/** @returns the UDP port of a service or of one of its aliases; `syslog` is known everywhere */
function findService(text: string, name: string): number | null {
  for (const line of text.split('\n')) {
    const words = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const port = /^(\d+)\/udp$/.exec(words[1] ?? '')?.[1];
    if (port !== undefined && (words[0] === name || words.slice(2).includes(name)))
      return parseCount(port, 1, PORT_MAX);
  }
  return name === 'syslog' ? SYSLOG_UDP_PORT : null;
}

function readFromFile(): string {
  try {
    return readFileSync(inRoot(SERVICES_FILE), 'latin1');
  } catch {
    return '';
  }
}
