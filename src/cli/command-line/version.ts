/**
 * The version of the programs.
 */
import { readFileSync } from 'node:fs';

/** As seen from the file that the compiler makes of this one. */
const PACKAGE = new URL('../../../../package.json', import.meta.url);

/** @returns the version in package.json */
export function readVersion(): string {
  const found: unknown = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}
