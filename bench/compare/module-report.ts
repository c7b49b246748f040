/**
 * Runs {@link ./module-cost.ts} in fresh processes and takes the median for each module.
 */
import { run } from './command.ts';
import type { ModuleCost } from './module-cost.ts';
import { outPath } from './places.ts';
import { median } from './statistics.ts';

export interface LoadingCost {
  /** Most expensive first. */
  readonly modules: readonly ModuleCost[];
  readonly sumMs: number;
  /** Duration of `node -e 0`, from start to end. */
  readonly nodeAloneMs: number;
}

function isCost(value: unknown): value is ModuleCost {
  return typeof value === 'object' && value !== null && 'name' in value && 'ms' in value;
}

async function once(): Promise<ModuleCost[]> {
  const { ok, stdout, stderr } = await run(process.execPath, [outPath('bench', 'compare', 'module-cost.js')]);
  if (!ok) throw new Error(stderr.trim().split('\n').at(-1));
  const parsed: unknown = JSON.parse(stdout);
  return Array.isArray(parsed) ? parsed.filter(isCost) : [];
}

/** @param rounds fresh processes */
export async function measureLoading(rounds: number): Promise<LoadingCost> {
  const times = new Map<string, number[]>();
  const alone: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { name, ms } of await once()) times.set(name, [...(times.get(name) ?? []), ms]);
    const start = performance.now();
    await run(process.execPath, ['-e', '0']);
    alone.push(performance.now() - start);
  }
  const modules = [...times].map(([name, all]) => ({ name, ms: median(all) })).toSorted((a, b) => b.ms - a.ms);
  return { modules, sumMs: modules.reduce((sum, { ms }) => sum + ms, 0), nodeAloneMs: median(alone) };
}
