/**
 * The zone of this machine, or of the daemon's environment, found as the C library finds it, so that all programs show
 * the same time: `TZ` names a file below /usr/share/zoneinfo, or contains rules; without it, /etc/localtime decides.
 * Source: tzset(3).
 *
 * Files are read here because Node.js knows zones only by name, and neither rules nor copies of files.
 */
import { readFileSync, statSync } from 'node:fs';
import { fixedZone, type Zone } from '../../protocol/calendar.ts';
import { parsePosixZone } from '../../protocol/posix-zone.ts';
import { parseTzFile } from '../../protocol/tz-file.ts';

const DEFAULT_FILE = '/etc/localtime';
const DEFAULT_FOLDER = '/usr/share/zoneinfo';
/** Larger than any zone file. */
const FILE_MAX_BYTES = 1024 * 1024;

/** UTC if nothing else can be found. */
export function readMachineZone(env: NodeJS.ProcessEnv = process.env): Zone {
  const named = env['TZ'];
  const name = named === undefined ? DEFAULT_FILE : named.replace(/^:/, '');
  return readZoneFile(name, env) ?? parsePosixZone(name) ?? fixedZone(0);
}

/** A relative path starts at the folder of all zones. */
function readZoneFile(name: string, env: NodeJS.ProcessEnv): Zone | null {
  if (name === '') return null;
  const path = name.startsWith('/') ? name : `${env['TZDIR'] ?? DEFAULT_FOLDER}/${name}`;
  try {
    const { size } = statSync(path);
    // Anything but a regular file has no size.
    return size > 0 && size <= FILE_MAX_BYTES ? parseTzFile(readFileSync(path)) : null;
  } catch {
    return null;
  }
}
