/**
 * What the daemon has done since its start, collected on request: the counters are kept only where the counting is
 * done.
 *
 * What a reload closes is not forgotten: its counts stay in the totals.
 */
import type { Input } from '../../input/input.ts';
import type { Output } from '../../output/output.ts';
import type { InputStatus, OutputStatus, TotalStatus } from './document.ts';
import type { Destination } from '../outputs/destination.ts';
import type { PipelineCounters } from '../pipeline.ts';
import type { SelfLog } from '../self-log.ts';
import { Rates } from './rates.ts';

export interface StatisticsSources {
  readonly inputs: () => readonly Input[];
  /** Current destinations. */
  readonly destinations: () => readonly Destination[];
  readonly pipeline: PipelineCounters;
  readonly selfLog: Pick<SelfLog, 'reportedCount' | 'omittedCount'>;
}

/** Everything that `status` says about message processing. */
export interface Traffic {
  readonly totals: TotalStatus;
  readonly inputs: readonly InputStatus[];
  readonly outputs: readonly OutputStatus[];
}

/** Sums over several inputs. */
interface InputSums {
  received: number;
  cut: number;
  refused: number;
  dropped: number;
}

/** Sums over several destinations. */
interface OutputSums {
  dropped: number;
  suppressed: number;
}

export class Statistics {
  readonly #sources: StatisticsSources;
  readonly #rates: Rates;
  /** Inputs and destinations seen so far and still in use. */
  readonly #inputs = new Set<Input>();
  readonly #destinations = new Set<Destination>();
  /** Sums over those no longer in use. */
  readonly #closedInputs: InputSums = { received: 0, cut: 0, refused: 0, dropped: 0 };
  /** No longer used, but may still write and lose records: kept until they are closed. */
  readonly #leaving = new Set<Destination>();
  readonly #closedOutputs: OutputSums = { dropped: 0, suppressed: 0 };

  constructor(sources: StatisticsSources) {
    this.#sources = sources;
    this.#rates = new Rates(() => this.#counts());
  }

  /** HOT PATH, once per batch. */
  get touch(): () => void {
    return this.#rates.touch;
  }

  /** Inputs or destinations were exchanged, or are about to be: the totals keep what is gone. */
  take(): void {
    const inputs = new Set(this.#sources.inputs());
    for (const input of this.#inputs) if (!inputs.has(input)) this.#leaveInput(input);
    for (const input of inputs) this.#inputs.add(input);
    const destinations = new Set(this.#sources.destinations());
    for (const destination of this.#destinations) {
      if (destinations.has(destination)) continue;
      this.#destinations.delete(destination);
      this.#leaving.add(destination);
    }
    for (const destination of destinations) this.#destinations.add(destination);
    for (const destination of this.#leaving) {
      if (destination.output.state !== 'closed') continue;
      this.#leaving.delete(destination);
      addOutput(this.#closedOutputs, destination);
    }
  }

  read(): Traffic {
    this.take();
    return {
      totals: this.#totals(),
      inputs: [...this.#inputs].map((input) => this.#inputStatus(input)),
      outputs: [...this.#destinations].map((destination) => this.#outputStatus(destination)),
    };
  }

  close(): void {
    this.#rates.close();
  }

  #totals(): TotalStatus {
    const { pipeline, selfLog } = this.#sources;
    const input = { ...this.#closedInputs };
    for (const each of this.#inputs) addInput(input, each);
    const output = { ...this.#closedOutputs };
    for (const each of [...this.#destinations, ...this.#leaving]) addOutput(output, each);
    return {
      received: input.received,
      perSecond: this.#rates.of(this, input.received),
      parseFailures: pipeline.parseFailures,
      unrouted: pipeline.unrouted,
      dropped: input.dropped + output.dropped,
      cut: input.cut,
      refused: input.refused,
      suppressed: output.suppressed,
      own: selfLog.reportedCount,
      ownOmitted: selfLog.omittedCount,
    };
  }

  #inputStatus(input: Input): InputStatus {
    const { received, cut, refused, kernelDropped } = input.counters;
    const { label: name, kind, state } = input;
    const perSecond = this.#rates.of(input, received);
    return { name, kind, state, received, perSecond, cut, refused, dropped: kernelDropped };
  }

  #outputStatus(destination: Destination): OutputStatus {
    const { output, suppressed } = destination;
    const { name, kind, state, queue, counters } = output;
    const { dropped, failures } = counters;
    const written = output.written();
    return {
      name,
      kind,
      state,
      written,
      perSecond: this.#rates.of(output, counters.accepted),
      dropped,
      queuedBytes: queue.queuedBytes,
      failures,
      suppressed,
      cut: cutOf(output),
    };
  }

  #leaveInput(input: Input): void {
    this.#inputs.delete(input);
    addInput(this.#closedInputs, input);
  }

  /** Records accepted rather than written: waiting ones need not be counted every second. */
  *#counts(): Iterable<readonly [object, number]> {
    let received = this.#closedInputs.received;
    for (const input of this.#sources.inputs()) {
      received += input.counters.received;
      yield [input, input.counters.received];
    }
    yield [this, received];
    for (const { output } of this.#sources.destinations()) yield [output, output.counters.accepted];
  }
}

function addInput(sums: InputSums, { counters }: Input): void {
  sums.received += counters.received;
  sums.cut += counters.cut;
  sums.refused += counters.refused;
  sums.dropped += counters.kernelDropped;
}

function addOutput(sums: OutputSums, { output, suppressed }: Destination): void {
  sums.dropped += output.counters.dropped;
  sums.suppressed += suppressed;
}

/** Only forwarding cuts what it sends. */
function cutOf(output: Output): number {
  const { counters } = output;
  return 'cut' in counters && typeof counters.cut === 'number' ? counters.cut : 0;
}
