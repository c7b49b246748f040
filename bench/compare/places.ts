/**
 * Where things are: the project's folder, and what the comparison keeps in the build folder.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This file is `OUT/bench/compare/places.js`. */
const OUT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  return findRoot(dirname(from));
}

/** @returns a path among the sources, e.g. `bench/load/limit.c` */
export function sourcePath(...parts: readonly string[]): string {
  return join(findRoot(OUT), ...parts);
}

/** @returns a path in the build folder, e.g. `src/cli/tsyslogd.cjs` */
export function outPath(...parts: readonly string[]): string {
  return join(OUT, ...parts);
}
