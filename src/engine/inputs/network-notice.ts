/**
 * Says in the log where messages from the network are received: one line when the daemon starts, and one when a
 * reload changes it. What fails and recovers in between the inputs say themselves. Whenever it changes, outputs that
 * forward look anew whether what they send would come back.
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
  /** Places as they were said last; none before the start. */
  #said = '';
  /** There may be something to say as soon as all sockets are bound, or have shown that they cannot be. */
  #due = false;

  constructor(inputs: Pick<InputSet, 'network'>, pipeline: Pipeline, report: Report) {
    this.#inputs = inputs;
    this.#pipeline = pipeline;
    this.#report = report;
  }

  /** The daemon has started. */
  started(): void {
    this.#due = true;
    this.#tell();
  }

  /** A new configuration is in force; its outputs look for themselves. */
  adopted(): void {
    this.#due = true;
    this.#tell();
  }

  /** See {@link InputEvents}. */
  readonly listening = (): void => {
    this.#lookForLoops();
    this.#tell();
  };

  /** What was somebody else's address may be the daemon's own by now, or the other way round. */
  #lookForLoops(): void {
    for (const { output } of this.#pipeline.routing.destinations) if (output.kind === 'forward') output.reopen();
  }

  #tell(): void {
    const inputs = this.#inputs.network();
    if (!this.#due || inputs.some(({ state }) => state === 'opening')) return;
    this.#due = false;
    const places = inputs.flatMap((input) => input.places.filter(({ open }) => open).map(spellPlace));
    const text = places.join(', ');
    if (text === this.#said) return;
    this.#said = text;
    const what = text === '' ? 'receives nothing from the network' : `receives from the network on UDP ${text}`;
    this.#report(SEVERITY.info, what);
  }
}
