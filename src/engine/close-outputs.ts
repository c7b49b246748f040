/**
 * Closes destinations in an order that lets all that still work report what the others lose.
 *
 *   1  all write what they have; what cannot is closed as soon as that is known
 *   2  commands, which take their time to end; from here on they get no reports
 *   3  when all others are closed or given up: FIFOs, other hosts, terminals of users
 *   4  files: one that fails only now is closed, and the others report it, until all have written everything
 *
 * Nothing waits longer than its share of the time until the deadline, whatever hangs.
 */
import type { Report } from '../output/output.ts';
import { within } from '../output/within.ts';
import { SEVERITY } from '../protocol/priority.ts';
import type { Destination } from './outputs/destination.ts';
import type { OutputSet } from './outputs/output-set.ts';
import type { Pipeline } from './pipeline.ts';
import type { SelfLog } from './self-log.ts';

/** For all outputs together, at the end and at a restart. */
export const OUTPUTS_MS = 4500;
/** How long commands stay open, so that they still get reports of losses. */
const ONSET_MS = 1000;
/** Time before the deadline for outputs that report what others lost. */
const TELLERS_MS = 700;
/** The part of it in which files write the last reports. */
const LAST_MS = 200;
/** A close that exceeds its limit by this much hangs. */
const GRACE_MS = 100;

/** What the destinations belong to. */
export interface OutputOwner {
  readonly selfLog: SelfLog;
  readonly pipeline: Pipeline;
  readonly outputs: OutputSet;
}

interface ClosingParts {
  /** Delivers pending reports at once. */
  readonly flush: () => void;
  readonly report: Report;
  /** Called when only `alive` are left for reports. */
  readonly left: (alive: readonly Destination[]) => void;
  /** Time of performance.now(). */
  readonly deadlineMs: number;
}

/** Closes one destination and waits for it, no longer than a moment after the deadline. @returns records lost */
export async function closeInTime(destination: Destination, deadlineMs: number, report: Report): Promise<number> {
  let lost: number | null = null;
  const closing = destination.close(deadlineMs).then((count) => {
    lost = count;
  });
  await within(closing, Math.max(deadlineMs, performance.now()) + GRACE_MS);
  if (lost !== null) return lost;
  report(SEVERITY.err, `could not close ${destination.output.label} in time`);
  return 1;
}

/** @param echo whether reports go to stderr once no output is left for them. @returns records lost */
export async function closeOutputs(
  { selfLog, pipeline, outputs }: OutputOwner,
  deadlineMs: number,
  echo = true,
): Promise<number> {
  const tellers = new Set(pipeline.destinationsOf(selfLog.sample()));
  const closing = new Closing([...pipeline.routing.destinations, ...outputs.leaving], {
    flush: selfLog.flush,
    report: selfLog.report,
    left: (alive) => {
      selfLog.echo = echo && !alive.some((destination) => tellers.has(destination));
    },
    deadlineMs,
  });
  return await closing.run();
}

/** Closes all, once. @returns records lost, with 1 for an output that hangs */
class Closing {
  readonly #parts: ClosingParts;
  readonly #alive: Set<Destination>;
  #lost = 0;

  constructor(destinations: readonly Destination[], parts: ClosingParts) {
    this.#parts = parts;
    this.#alive = new Set(destinations);
  }

  async run(): Promise<number> {
    const { deadlineMs } = this.#parts;
    const othersMs = deadlineMs - TELLERS_MS;
    this.#parts.left([...this.#alive]);
    const served = Promise.all([...this.#alive].map((destination) => this.#serve(destination, othersMs)));
    await within(served, Math.min(othersMs, performance.now() + ONSET_MS));
    const commands = this.#closeAll((destination) => destination.output.kind === 'command', othersMs);
    await within(Promise.all([served, commands]), othersMs + GRACE_MS);
    await this.#closeAll((destination) => !isFile(destination), deadlineMs - LAST_MS);
    await this.#settleFiles();
    this.#parts.left([]);
    await this.#closeAll(() => true, deadlineMs);
    await within(served, deadlineMs);
    return this.#lost;
  }

  /** Lets one write; closes it if that does not work. */
  async #serve(destination: Destination, limitMs: number): Promise<void> {
    await within(destination.drain(limitMs), limitMs);
    // There is no more time to see whether it keeps working.
    destination.output.settle();
    if (!destination.output.sound) await this.#close(destination, limitMs);
  }

  /** Lets files write until nothing more is lost. */
  async #settleFiles(): Promise<void> {
    const limitMs = this.#parts.deadlineMs - LAST_MS;
    for (;;) {
      this.#parts.flush();
      const files = [...this.#alive];
      await Promise.all(files.map((destination) => within(destination.drain(limitMs), limitMs)));
      const broken = files.filter(({ output }) => !output.sound);
      // If no working file is left for the reports, nothing changes any more.
      if (broken.length === 0 || broken.length === files.length) return;
      await Promise.all(broken.map((destination) => this.#close(destination, limitMs)));
    }
  }

  async #closeAll(which: (destination: Destination) => boolean, limitMs: number): Promise<void> {
    await Promise.all([...this.#alive].filter(which).map((destination) => this.#close(destination, limitMs)));
  }

  async #close(destination: Destination, limitMs: number): Promise<void> {
    if (!this.#alive.delete(destination)) return;
    this.#parts.left([...this.#alive]);
    const lost = await closeInTime(destination, limitMs, this.#parts.report);
    this.#lost += lost;
    this.#parts.flush();
  }
}

function isFile({ output: { kind } }: Destination): boolean {
  return kind === 'file' || kind === 'terminal' || kind === 'device';
}
