/**
 * Says in the log where messages from the network are received: one line when the daemon starts, and one when a
 * reload changes it. What fails and recovers in between the inputs say themselves.
 */
import type { NetworkInput, NetworkPlace } from '../input/input.ts';
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';

export class NetworkNotice {
  readonly #inputs: () => readonly NetworkInput[];
  readonly #report: Report;
  /** Places as they were said last; none before the start. */
  #said = '';
  /** There may be something to say as soon as all sockets are bound, or have shown that they cannot be. */
  #due = false;

  constructor(inputs: () => readonly NetworkInput[], report: Report) {
    this.#inputs = inputs;
    this.#report = report;
  }

  /** The daemon has started, or wants to receive elsewhere. */
  expect(): void {
    this.#due = true;
    this.look();
  }

  /** Something may have been bound. */
  look(): void {
    const inputs = this.#inputs();
    if (!this.#due || inputs.some(({ state }) => state === 'opening')) return;
    this.#due = false;
    const places = inputs.flatMap((input) => input.places.filter(({ open }) => open).map(spell));
    const text = places.join(', ');
    if (text === this.#said) return;
    this.#said = text;
    const what = text === '' ? 'receives nothing from the network' : `receives from the network on UDP ${text}`;
    this.#report(SEVERITY.info, what);
  }
}

/** @returns e.g. `0.0.0.0:514`, `[::1]:514%lo` */
function spell({ to: { address, port }, iface }: NetworkPlace): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port}${iface === null ? '' : `%${iface}`}`;
}
