/**
 * Opens all destinations of a configuration: at a start, and after a failed restart. The counterpart of
 * close-outputs.ts; a reload keeps what is unchanged and has its own order.
 */
import type { Configuration } from '../conf/config.ts';
import { compileRouting } from './compile-routing.ts';
import type { Marks } from './marks.ts';
import type { OutputSet } from './outputs/output-set.ts';
import type { Pipeline } from './pipeline.ts';
import type { SelfLog } from './self-log.ts';

/** What messages and the daemon's own lines need to reach destinations. */
export interface StartedParts {
  readonly selfLog: SelfLog;
  readonly pipeline: Pipeline;
  readonly outputs: OutputSet;
  readonly marks: Marks;
}

/** What cannot be opened is reported and retried. */
export async function startOutputs(
  { selfLog, pipeline, outputs, marks }: StartedParts,
  configuration: Configuration,
): Promise<void> {
  const plan = outputs.plan(configuration);
  await plan.open(true);
  pipeline.swap(compileRouting(configuration, plan));
  outputs.commit(plan, configuration.directives.notify);
  selfLog.attach((batch) => pipeline.deliverOwn(batch));
  marks.start();
}
