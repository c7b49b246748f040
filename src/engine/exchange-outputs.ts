/**
 * Replaces the destinations with those of a new configuration in one step: what is unchanged stays open, what is no
 * longer used is closed last.
 */
import type { Configuration } from '../conf/config.ts';
import { closeInTime, type OutputOwner } from './close-outputs.ts';
import { compileRouting } from './compile-routing.ts';
import type { Destination } from './outputs/destination.ts';
import type { OutputPlan } from './outputs/output-set.ts';
import { ReloadOrder } from './outputs/reload-order.ts';

/** Outputs no longer used have this long to write what they have. */
const CLOSE_MS = 5000;
/** A file that makes progress gets as much again, so often: its records would be lost for nothing. */
const EXTENSIONS_MAX = 23;

/**
 * Messages follow the new configuration once this is called.
 *
 * @param plan of that configuration, open
 * @returns a promise that resolves when what is no longer used is closed
 */
export async function exchangeOutputs(
  owner: OutputOwner,
  plan: OutputPlan,
  configuration: Configuration,
): Promise<void> {
  const { pipeline, outputs } = owner;
  for (const destination of pipeline.routing.destinations) destination.tellPending();
  pipeline.swap(compileRouting(configuration, plan));
  const unused = outputs.commit(plan, configuration.directives.notify);
  const order = new ReloadOrder(unused, plan.destinations);
  const closing = closeAll(owner, unused);
  order.keep(closing);
  await Promise.all(closing.values());
}

function closeAll(
  { selfLog, outputs }: OutputOwner,
  unused: readonly Destination[],
): ReadonlyMap<Destination, Promise<void>> {
  const { leaving } = outputs;
  const close = async (destination: Destination): Promise<void> => {
    leaving.add(destination);
    const deadlineMs = performance.now() + CLOSE_MS;
    await writeOut(destination, deadlineMs);
    await closeInTime(destination, Math.max(deadlineMs, performance.now()), selfLog.report);
    leaving.delete(destination);
  };
  return new Map(unused.map((destination) => [destination, close(destination)]));
}

/** Waits for what a file still has to write, as long as it makes progress. */
async function writeOut(destination: Destination, deadlineMs: number): Promise<void> {
  const { output } = destination;
  let limitMs = deadlineMs;
  for (let i = 0; i < EXTENSIONS_MAX; i++) {
    if (output.queue.queuedBytes === 0 || output.advances?.(performance.now()) !== true) return;
    await destination.drain(limitMs);
    limitMs = performance.now() + CLOSE_MS;
  }
}
