/**
 * Where parts of the project are, seen from compiled tests.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  return findRoot(dirname(from));
}

const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** @returns the absolute path of something in the project */
export function projectPath(...parts: readonly string[]): string {
  return join(ROOT, ...parts);
}

/** @returns the absolute path of a compiled module, e.g. `src/cli/tsyslogd.cjs` */
export function builtPath(...parts: readonly string[]): string {
  return join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), ...parts);
}
