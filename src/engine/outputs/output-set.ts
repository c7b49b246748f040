/**
 * From rules to destinations: one for each distinct action, however many rules name it. What is unchanged in a reload
 * keeps its destination, with its descriptor, queue and repeat state.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigProblem, Configuration, Rule } from '../../conf/config.ts';
import type { FormatSet } from '../../format/create-format.ts';
import type { FileOwner } from '../../output/target/file-owner.ts';
import type { OutputServices } from '../../output/services.ts';
import { MadeFifos } from '../../output/pipe/made-fifos.ts';
import { removeMade } from '../../output/target/made-file.ts';
import type { Output, Report } from '../../output/output.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import { RepeatState } from '../../repeat/repeat-state.ts';
import { createOutput, type ForwardSetup, type OutputRequest, suppressesRepeats } from './create-output.ts';
import { destinationKeys, syncedPaths } from './destination-key.ts';
import { Destination } from './destination.ts';
import type { HostLabels } from './host-labels.ts';
import { type RotationDefault, rotationsByPath } from '../settings/rotation-rules.ts';

/** Longer opens are not waited for. */
const OPEN_MAX_MS = 3000;

export interface OutputSettings {
  /** 0: suppress repetitions, 1: not for pipes, 2: never. */
  readonly noRepeats: number;
  readonly messageBytes: number;
  /** `-r` */
  readonly rotate: RotationDefault | null;
  readonly forward: ForwardSetup;
  /** Owner of new files if the rule names none. */
  readonly owner: FileOwner;
}

/** The requirements of one action: equal keys mean the same destination. */
export interface Planned {
  readonly key: string;
  readonly at: Rule;
  readonly output: Output;
  readonly destination: Destination;
  readonly fresh: boolean;
}

/** The destinations of one configuration. */
export interface OutputPlan {
  readonly destinations: readonly Destination[];
  readonly byKey: ReadonlyMap<string, Planned>;
  /** Destination number of each rule. */
  readonly numbers: readonly number[];
  /** Opens what is new. @returns what could not be opened */
  open(persist: boolean): Promise<readonly ConfigProblem[]>;
  /** Discards what is new: the plan is not carried out. */
  abandon(): Promise<void>;
}

export class OutputSet {
  readonly #services: OutputServices;
  readonly #settings: OutputSettings;
  readonly #labels: HostLabels;
  readonly #formats: FormatSet;
  readonly #fifos = new MadeFifos();
  #current: ReadonlyMap<string, Planned> = new Map();
  /** No longer used, but not closed yet. */
  readonly leaving = new Set<Destination>();

  constructor(services: OutputServices, settings: OutputSettings, labels: HostLabels, formats: FormatSet) {
    this.#services = services;
    this.#settings = settings;
    this.#labels = labels;
    this.#formats = formats;
  }

  /** Prepares the destinations of `configuration`; opens nothing yet and leaves the current ones unchanged. */
  plan(configuration: Configuration): OutputPlan {
    const byKey = new Map<string, Planned>();
    const numbers: number[] = [];
    const numberOf = new Map<string, number>();
    const context = {
      directives: configuration.directives,
      synced: syncedPaths(configuration),
      rotations: rotationsByPath(configuration, this.#settings.rotate),
    };
    const keys = destinationKeys(configuration, this.#settings);
    for (const [idx, rule] of configuration.rules.entries()) {
      const key = keys[idx] ?? '';
      if (!byKey.has(key)) {
        byKey.set(key, this.#reuse(key, rule) ?? this.#create(key, rule, context));
        numberOf.set(key, numberOf.size);
      }
      numbers.push(numberOf.get(key) ?? 0);
    }
    const planned = [...byKey.values()];
    const fresh = planned.filter((entry) => entry.fresh);
    return {
      byKey,
      numbers,
      destinations: planned.map((entry) => entry.destination),
      open: (persist) => this.#openAll(fresh, persist),
      abandon: () => this.#abandonAll(fresh),
    };
  }

  /**
   * Makes a plan the current one. The caller has already swapped the routing.
   *
   * @param notify programs to run after rotations
   * @returns the destinations that are no longer used, to be closed
   */
  commit({ byKey }: OutputPlan, notify: readonly string[]): Destination[] {
    const gone = [...this.#current].filter(([key]) => !byKey.has(key)).map(([, entry]) => entry.destination);
    this.#current = byKey;
    this.#services.rotations.notifier.setPrograms(notify);
    return gone;
  }

  /** All destinations are closed: the next plan creates new ones. */
  forget(): void {
    this.#current = new Map();
  }

  /** The FIFOs created here; the last output to use one removes it. */
  get fifos(): MadeFifos {
    return this.#fifos;
  }

  #reuse(key: string, rule: Rule): Planned | null {
    const current = this.#current.get(key);
    return current === undefined ? null : { ...current, at: rule, fresh: false };
  }

  #create(key: string, rule: Rule, context: RuleContext): Planned {
    const { action } = rule;
    const { forward, owner } = this.#settings;
    const output = createOutput({ ...context, rule, forward, owner }, this.#services, this.#fifos);
    const { messageBytes, noRepeats } = this.#settings;
    const repeat = suppressesRepeats(action, noRepeats) ? new RepeatState(messageBytes) : null;
    // Texts for users are made from the traditional line, whatever the rule's format. COMPAT(sysklogd 2.7.2)
    const forUsers = action.kind === 'users' || action.kind === 'wall';
    const kind = action.kind === 'forward' ? 'forward' : 'line';
    const format = this.#formats.get(kind, forUsers ? 'default' : rule.options.format);
    return {
      key,
      at: rule,
      output,
      destination: new Destination(output, format, this.#labels, repeat),
      fresh: true,
    };
  }

  async #openAll(fresh: readonly Planned[], persist: boolean): Promise<readonly ConfigProblem[]> {
    const reasons = await Promise.all(fresh.map(({ output }) => openInTime(output, persist, this.#services.report)));
    return fresh.flatMap(({ output, at }, i) => {
      const reason = reasons[i] ?? null;
      const what = `cannot open ${output.label}: ${reason}`;
      return reason === null ? [] : [{ at: at.actionAt, what, expected: null }];
    });
  }

  async #abandonAll(fresh: readonly Planned[]): Promise<void> {
    const made = await Promise.all(fresh.map(({ output }) => output.abandon?.() ?? closed(output)));
    for (const file of made) if (file !== null) await removeMade(file, this.#services.rotations.held);
  }
}

/** What a rule's output takes from the rest of the configuration. */
type RuleContext = Pick<OutputRequest, 'directives' | 'synced' | 'rotations'>;

async function closed(output: Output): Promise<null> {
  await output.close(0);
  return null;
}

/**
 * A disk that hangs must not delay the start or a reload: opening continues in the background.
 *
 * @returns why it could not be opened yet, or null
 */
async function openInTime(output: Output, persist: boolean, report: Report): Promise<string | null> {
  const late = Symbol('late');
  const alarm = new AbortController();
  const timer = delay(OPEN_MAX_MS, late, { signal: alarm.signal }).catch(() => late);
  const first = await Promise.race([output.open(persist), timer]);
  alarm.abort();
  if (first !== late) return typeof first === 'string' ? first : null;
  const reason = `not open after ${OPEN_MAX_MS / 1000} seconds`;
  if (persist) report(SEVERITY.err, `cannot open ${output.label}: ${reason}: its messages wait`);
  return reason;
}
