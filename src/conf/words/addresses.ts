/**
 * Addresses in the configuration and on the command line: `addr[:port][%iface]`, `[v6]:port`, `host:port`. Any address
 * may be in brackets; a port is a number or the name of a service.
 *
 * Checks only the form: names are not resolved here.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { SYSLOG_UDP_PORT } from '../../protocol/limits.ts';
import type { ListenAddress } from '../config.ts';
import { parsePort, PORT_FORM, type ReadServices } from './services.ts';

/** A target of forwarding; `port` null: the default. IPv6 literals without brackets. */
export interface HostPort {
  readonly host: string;
  readonly port: number | null;
}

/** What is wrong with an address, for messages. */
export interface AddressError {
  readonly what: string;
  readonly expected: string;
}

/** Form of a listen address, for messages. */
export const LISTEN_FORM = '`address[:port][%iface]`, `[v6-address]:port` or `:port`';
/** Form of a forwarding target, for messages. */
export const FORWARD_FORM = '`host`, `host:port` or `[v6-address]:port`';

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;
/** Longest name of an interface: IFNAMSIZ less the NUL. Source: netdevice(7). */
const IFACE = /^[^\s/%:,;]{1,15}$/;

/** Whether this has the form of a network interface name. */
export function isIfaceName(text: string): boolean {
  return IFACE.test(text);
}

/** Splits `host`, `host:port`, `[v6]`, `[v6]:port`, `v6`; null: brackets or port in the wrong place. */
function splitPort(text: string): { readonly host: string; readonly port: string | null } | null {
  if (text.startsWith('[')) {
    const parts = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
    return parts === null ? null : { host: parts[1] ?? '', port: parts[2] ?? null };
  }
  const colon = text.indexOf(':');
  if (colon === -1 || colon !== text.lastIndexOf(':')) return { host: text, port: null };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function isHost(host: string, bracketed: boolean): boolean {
  const bare = host.split('%', 1)[0] ?? '';
  if (host.includes(':')) return isIPv6(bare) && (bare === host || isIfaceName(host.slice(bare.length + 1)));
  return bracketed || looksNumeric(host) ? isIPv4(host) : HOST_NAME.test(host);
}

/** Digits and dots alone mean an address, never a name. */
function looksNumeric(host: string): boolean {
  return /^[0-9.]+$/.test(host);
}

function portError(port: string): AddressError {
  return { what: `bad port \`${port}\``, expected: PORT_FORM };
}

/** A forwarding target: the text after `@`. */
export function parseForwardTarget(text: string, readServices?: ReadServices): HostPort | AddressError {
  const parts = splitPort(text);
  if (parts === null || !isHost(parts.host, text.startsWith('['))) {
    return { what: `bad target \`${text}\``, expected: FORWARD_FORM };
  }
  if (parts.port === null) return { host: parts.host, port: null };
  const port = parsePort(parts.port, readServices);
  return port === null ? portError(parts.port) : { host: parts.host, port };
}

/** @returns the form used in the configuration, e.g. `@loghost`, `@[::1]:5140` */
export function targetName(host: string, port: number | null): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return port === null || port === SYSLOG_UDP_PORT ? `@${shown}` : `@${shown}:${port}`;
}

/** The address of `listen` and `-b`. `*` or no address: any address. */
export function parseListenAddress(text: string, readServices?: ReadServices): ListenAddress | AddressError {
  const bad = { what: `bad address \`${text}\``, expected: LISTEN_FORM };
  const percent = text.includes(']') ? text.indexOf('%', text.indexOf(']')) : text.indexOf('%');
  const outer = percent === -1 ? null : text.slice(percent + 1);
  // A scope inside brackets, or after a bare IPv6 address, also names the interface.
  const inner = /^\[([^\]%]*)%([^\]]*)\](.*)$/.exec(percent === -1 ? text : text.slice(0, percent));
  const iface = inner === null ? outer : (inner[2] ?? '');
  if (text === '' || (inner !== null && outer !== null) || (iface !== null && !isIfaceName(iface))) return bad;
  const address = inner === null ? text.slice(0, percent === -1 ? undefined : percent) : `[${inner[1]}]${inner[3]}`;
  const parts = splitPort(address);
  if (parts === null) return bad;
  const any = (parts.host === '' || parts.host === '*') && !address.startsWith('[');
  if (!any && !isHost(parts.host, address.startsWith('['))) return bad;
  const host = any ? null : parts.host;
  if (parts.port === null) return { host, port: null, iface };
  const port = parsePort(parts.port, readServices);
  return port === null ? portError(parts.port) : { host, port, iface };
}

/** Whether it is an address, not a name, of a family that may not be used. `family` null: both may be used. */
export function isOtherFamily(address: ListenAddress, family: 4 | 6 | null): boolean {
  const found = isIP(address.host?.split('%', 1)[0] ?? '');
  return family !== null && found !== 0 && found !== family;
}
