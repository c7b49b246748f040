/**
 * From rules to destinations: one destination for each different action, however many rules name it. What
 * stays the same over a reload keeps its destination, and with it descriptor, queue and repeat state.
 */
import type { ConfigProblem, Configuration, Rule } from '../conf/config.ts';
import type { RecordFormat } from '../format/record-format.ts';
import { LineOutput, type OutputServices } from '../output/line-output.ts';
import { RepeatState } from '../repeat/repeat-state.ts';
import { Destination } from './destination.ts';
import type { HostLabels } from './host-labels.ts';

/** Permission bits of files that have no setting of their own. */
const FILE_MODE_DEFAULT = 0o640;

export interface OutputSettings {
  /** `-cc`: repetitions are written like everything else. */
  readonly suppressRepeats: boolean;
  readonly messageBytes: number;
}

/** What one action needs: equal keys mean the same destination. */
interface Planned {
  readonly key: string;
  readonly at: Rule;
  readonly output: LineOutput;
  readonly destination: Destination;
  readonly fresh: boolean;
}

/** The destinations of one configuration. */
export interface OutputPlan {
  readonly destinations: readonly Destination[];
  /** Destination number of each rule. */
  readonly numbers: readonly number[];
  /** Opens what is new. @returns what could not be opened. */
  open(persist: boolean): Promise<readonly ConfigProblem[]>;
  /** Gives up what is new: the plan is not carried out. */
  abandon(): Promise<void>;
}

export class OutputSet {
  readonly #services: OutputServices;
  readonly #settings: OutputSettings;
  readonly #labels: HostLabels;
  readonly #format: RecordFormat;
  #current: ReadonlyMap<string, Planned> = new Map();

  constructor(services: OutputServices, settings: OutputSettings, labels: HostLabels, format: RecordFormat) {
    this.#services = services;
    this.#settings = settings;
    this.#labels = labels;
    this.#format = format;
  }

  /** Prepares the destinations of `configuration`; nothing is opened yet, nothing of the current ones changes. */
  plan(configuration: Configuration): OutputPlan & { readonly byKey: ReadonlyMap<string, Planned> } {
    const byKey = new Map<string, Planned>();
    const numbers: number[] = [];
    const keys: string[] = [];
    const synced = syncedPaths(configuration);
    for (const rule of configuration.rules) {
      const key = keyOf(rule, configuration, synced);
      if (!byKey.has(key)) {
        byKey.set(key, this.#reuse(key, rule) ?? this.#create(key, rule, configuration, synced));
        keys.push(key);
      }
      numbers.push(keys.indexOf(key));
    }
    const planned = [...byKey.values()];
    const fresh = planned.filter((entry) => entry.fresh);
    return {
      byKey,
      numbers,
      destinations: planned.map((entry) => entry.destination),
      open: async (persist) => {
        const reasons = await Promise.all(fresh.map((entry) => entry.output.open(persist)));
        return fresh.flatMap((entry, i) => {
          const reason = reasons[i] ?? null;
          const what = `cannot open ${entry.output.label}: ${reason}`;
          return reason === null ? [] : [{ at: entry.at.actionAt, what, expected: null }];
        });
      },
      abandon: async () => {
        await Promise.all(fresh.map((entry) => entry.output.close(0)));
      },
    };
  }

  /**
   * Makes a plan the current one. The caller has swapped the routing already.
   *
   * @returns the destinations that are no longer used, to be closed
   */
  commit(byKey: ReadonlyMap<string, Planned>): Destination[] {
    const gone = [...this.#current].filter(([key]) => !byKey.has(key)).map(([, entry]) => entry.destination);
    this.#current = byKey;
    return gone;
  }

  #reuse(key: string, rule: Rule): Planned | null {
    const current = this.#current.get(key);
    return current === undefined ? null : { ...current, at: rule, fresh: false };
  }

  #create(key: string, rule: Rule, configuration: Configuration, synced: ReadonlySet<string>): Planned {
    const { action } = rule;
    if (action.kind !== 'file') throw new Error(`no output for action '${action.kind}'`);
    const mode = rule.options.mode ?? configuration.directives.fileMode ?? FILE_MODE_DEFAULT;
    const output = new LineOutput({ path: action.path, sync: synced.has(action.path), mode }, this.#services);
    const repeat = this.#settings.suppressRepeats ? new RepeatState(this.#settings.messageBytes) : null;
    return {
      key,
      at: rule,
      output,
      destination: new Destination(output, this.#format, this.#labels, repeat),
      fresh: true,
    };
  }
}

/** Files that one rule at least wants on the disk soon. */
function syncedPaths(configuration: Configuration): ReadonlySet<string> {
  return new Set(
    configuration.rules.flatMap(({ action }) => (action.kind === 'file' && action.sync ? [action.path] : [])),
  );
}

/** Rules that name the same file are one destination; those that differ in their options are not. */
function keyOf(rule: Rule, configuration: Configuration, synced: ReadonlySet<string>): string {
  const options = { ...rule.options, at: null, mode: rule.options.mode ?? configuration.directives.fileMode };
  const { action } = rule;
  return JSON.stringify([action.kind === 'file' ? { ...action, sync: synced.has(action.path) } : action, options]);
}
