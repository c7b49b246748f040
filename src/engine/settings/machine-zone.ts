/**
 * The zone of this machine, or of the daemon's environment, as the C library finds it and all other programs show it:
 * `TZ` names a file below /usr/share/zoneinfo, or holds rules; without it, /etc/localtime decides. Source: tzset(3).
 *
 * Files are read here because Node.js knows zones by name only, and neither rules nor copies of files.
 */
import { readFileSync, statSync } from 'node:fs';
import { fixedZone, type Zone } from '../../protocol/calendar.ts';
import { parsePosixZone } from '../../protocol/posix-zone.ts';
import { parseTzFile } from '../../protocol/tz-file.ts';

const DEFAULT_FILE = '/etc/localtime';
const DEFAULT_FOLDER = '/usr/share/zoneinfo';
/** More than any zone has ever needed. */
const FILE_MAX_BYTES = 1024 * 1024;

/** UTC where nothing else can be found. */
export function readMachineZone(env: NodeJS.ProcessEnv = process.env): Zone {
  const named = env['TZ'];
  const name = named === undefined ? DEFAULT_FILE : named.replace(/^:/, '');
  return readZoneFile(name, env) ?? parsePosixZone(name) ?? fixedZone(0);
}

/** A relative path is one below the folder of all zones. */
function readZoneFile(name: string, env: NodeJS.ProcessEnv): Zone | null {
  if (name === '') return null;
  const path = name.startsWith('/') ? name : `${env['TZDIR'] ?? DEFAULT_FOLDER}/${name}`;
  try {
    const { size } = statSync(path);
    // What is not a regular file has no size.
    return size > 0 && size <= FILE_MAX_BYTES ? parseTzFile(readFileSync(path)) : null;
  } catch {
    return null;
  }
}
