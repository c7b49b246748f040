/**
 * Loads a program with few descriptors: Node.js opens all files that import each other at once, some hundred here,
 * while the daemon itself needs some thirty descriptors.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** With so many the files can be open all at once, whatever else is. */
const ENOUGH_DESCRIPTORS = 512;
/** As the compiler writes them, one a line. */
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

/** @returns the file and all that it imports, each behind what it imports itself */
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

/** Loads a file and all that it imports, one after the other. */
export async function loadOneByOne(first: string): Promise<void> {
  for (const path of loadingOrder(first)) await import(pathToFileURL(path).href);
}
