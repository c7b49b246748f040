/**
 * The version of the programs.
 */
import { readFileSync } from 'node:fs';

/** Relative to the compiled form of this file. */
const PACKAGE = new URL('../../../../package.json', import.meta.url);

/** @returns the version in package.json */
export function readVersion(): string {
  const found: unknown = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}
