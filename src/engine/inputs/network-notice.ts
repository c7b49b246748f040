/**
 * Reports where messages from the network are received: one line when the daemon starts, and one when a reload changes
 * it. The inputs themselves report failures and recoveries in between. After each change, outputs that forward check
 * again whether their messages would come back.
 */
import type { Report } from '../../output/output.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import type { InputSet } from './input-set.ts';
import { spellPlace } from '../settings/own-places.ts';
import type { Pipeline } from '../pipeline.ts';

export class NetworkNotice {
  readonly #inputs: Pick<InputSet, 'network'>;
  readonly #pipeline: Pipeline;
  readonly #report: Report;
  /** Places as last reported; empty before the start. */
  #reported = '';
  /** A report is due once all sockets are bound or could not be bound. */
  #due = false;

  constructor(inputs: Pick<InputSet, 'network'>, pipeline: Pipeline, report: Report) {
    this.#inputs = inputs;
    this.#pipeline = pipeline;
    this.#report = report;
  }

  /** The daemon has started. */
  started(): void {
    this.#due = true;
    this.#reportPlaces();
  }

  /** A new configuration is in force; its outputs look for themselves. */
  adopted(): void {
    this.#due = true;
    this.#reportPlaces();
  }

  /** See {@link InputEvents}. */
  readonly listening = (): void => {
    this.#lookForLoops();
    this.#reportPlaces();
  };

  /** An address may have become the daemon's own, or no longer be. */
  #lookForLoops(): void {
    for (const { output } of this.#pipeline.routing.destinations) if (output.kind === 'forward') output.reopen();
  }

  #reportPlaces(): void {
    const inputs = this.#inputs.network();
    if (!this.#due || inputs.some(({ state }) => state === 'opening')) return;
    this.#due = false;
    const places = inputs.flatMap((input) => input.places.filter(({ open }) => open).map(spellPlace));
    const text = places.join(', ');
    if (text === this.#reported) return;
    this.#reported = text;
    const what = text === '' ? 'receiving nothing from the network' : `receiving from the network on UDP ${text}`;
    this.#report(SEVERITY.info, what);
  }
}
