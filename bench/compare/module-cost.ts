/**
 * What loading the daemon costs, module by module: a program that imports its modules one by one, each after its own
 * imports, and times every import. So each time is the module's own: finding, reading, compiling and evaluating it.
 *
 * Run: `node build/bench/compare/module-cost.js`: prints JSON, [{ name, ms }]. The graph is taken from the import lines
 * of the built files; packages and modules of Node.js are leaves. Importing one by one costs a little more than
 * importing all at once, so the sum is an upper bound.
 */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { outPath } from './places.ts';

export interface ModuleCost {
  /** Path in the build folder, a package, or a module of Node.js. */
  readonly name: string;
  readonly ms: number;
}

const IMPORT = /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'/gm;
const ENTRY = outPath('src', 'cli', 'tsyslogd', 'run-daemon.js');

/** Appends a file and everything it imports, leaves first. */
function collect(path: string, seen: Set<string>, order: string[]): void {
  if (seen.has(path)) return;
  seen.add(path);
  for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    if (specifier.startsWith('.')) collect(resolve(dirname(path), specifier), seen, order);
    else if (!seen.has(specifier)) {
      seen.add(specifier);
      order.push(specifier);
    }
  }
  order.push(path);
}

async function main(): Promise<void> {
  const order: string[] = [];
  collect(ENTRY, new Set(), order);
  const costs: ModuleCost[] = [];
  for (const name of order) {
    const isFile = name.startsWith('/');
    const url = isFile ? pathToFileURL(name).href : name;
    const start = performance.now();
    await import(url);
    costs.push({ name: isFile ? relative(outPath('src'), name) : name, ms: performance.now() - start });
  }
  const { nativeAvailable } = await import('../../src/sys/call/native.ts');
  const start = performance.now();
  nativeAvailable();
  costs.push({ name: 'koffi, loaded when first needed', ms: performance.now() - start });
  process.stdout.write(`${JSON.stringify(costs)}\n`);
}

if (process.argv[1] === outPath('bench', 'compare', 'module-cost.js')) await main();
