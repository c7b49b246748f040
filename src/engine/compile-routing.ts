/**
 * Combines the route table and the destinations of a configuration: what the pipeline swaps in.
 */
import type { Configuration } from '../conf/config.ts';
import { compileRoutes } from '../route/compile.ts';
import { readHostNames } from '../sys/machine/host.ts';
import type { OutputPlan } from './outputs/output-set.ts';
import type { Routing } from './pipeline.ts';

export function compileRouting(configuration: Configuration, plan: OutputPlan): Routing {
  const { short, full } = readHostNames();
  const table = compileRoutes(configuration.rules, (rule) => plan.numbers[rule] ?? 0, [...new Set([short, full])]);
  return { table, destinations: plan.destinations };
}
