/**
 * The end of all outputs, in an order in which what happens on the way is still told.
 */
import { LineOutput } from '../output/line-output.ts';
import type { DaemonState } from './state.ts';

/** Part of the time for the outputs that tell what was lost by others. */
const TELLERS_MS = 700;

/**
 * Files that the daemon's own lines go to come last: they tell what others lost, and how commands ended.
 *
 * @param deadlineMs of performance.now()
 * @param echo whether stderr is told what can be told there only
 * @returns records that were given up
 */
export async function closeOutputs(
  { selfLog, pipeline }: DaemonState,
  deadlineMs: number,
  echo = true,
): Promise<number> {
  const outputs = pipeline.routing.destinations.map((destination) => destination.output);
  for (const output of outputs) output.settle();
  selfLog.flush();
  const own = pipeline.destinationsOf(selfLog.sample()).map((destination) => destination.output);
  const tellers = own.filter((output) => output instanceof LineOutput);
  const groups = [outputs.filter((output) => !tellers.some((teller) => teller === output)), tellers];
  let lost = 0;
  for (const [idx, group] of groups.entries()) {
    const isLast = idx === groups.length - 1;
    const limitMs = isLast ? deadlineMs : deadlineMs - TELLERS_MS;
    // What the last ones lose can be told on stderr only.
    selfLog.echo = echo && (isLast || tellers.length === 0);
    const counts = await Promise.all(group.map((output) => output.close(limitMs)));
    lost += counts.reduce((sum, count) => sum + count, 0);
    selfLog.flush();
  }
  return lost;
}
