/**
 * Loads a program with few descriptors: Node.js opens all files that import each other at once, about a hundred here,
 * while the daemon itself needs about thirty descriptors.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** With this many, all files can be open at once, whatever else is. */
const ENOUGH_DESCRIPTORS = 512;
/** As the compiler writes them, one per line. */
const IMPORTS = /^(?:import|export)\b[^'\n]*'(\.[^'\n]+)';$/gm;

/** @param limits text of proc_pid_limits(5) */
export function hasFewDescriptors(limits = readLimits()): boolean {
  const found = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return found !== undefined && Number(found) < ENOUGH_DESCRIPTORS;
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return '';
  }
}

/** @returns the file and everything it imports, each after its own imports */
export function loadingOrder(first: string): readonly string[] {
  const met = new Set<string>();
  const order: string[] = [];
  const visit = (path: string): void => {
    if (met.has(path)) return;
    met.add(path);
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(IMPORTS)) visit(join(dirname(path), name));
    order.push(path);
  };
  visit(first);
  return order;
}

/** Loads a file and everything it imports, one file at a time. */
export async function loadOneByOne(first: string): Promise<void> {
  for (const path of loadingOrder(first)) await import(pathToFileURL(path).href);
}
