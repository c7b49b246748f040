/**
 * The parts of a traditional message, as syslog(3) of glibc writes it to a local socket:
 * `<PRI>Mmm dd hh:mm:ss tag[pid]: text`. Source: glibc misc/syslog.c; RFC 3164 §4.1, without its host.
 */
import { basename, extname } from 'node:path';

/** @returns the part of the header before the tag; `pri` need not be one of the standards */
export function traditionalHeader(pri: number, stamp: string): string {
  return `<${pri}>${stamp} `;
}

/** @returns `tag: `, or `tag[123]: ` */
export function traditionalTag(tag: string, procId: string): string {
  return procId === '' ? `${tag}: ` : `${tag}[${procId}]: `;
}

/** @returns the name of this program: its file without the ending, `node` where it has none */
export function programName(): string {
  const file = basename(process.argv[1] ?? process.argv0);
  const name = basename(file, extname(file));
  return name === '' ? 'node' : name;
}
