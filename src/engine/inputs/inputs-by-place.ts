/**
 * Inputs that follow the configuration, one for each place that it names. A reload keeps those that are named again.
 */
import type { Input } from '../../input/input.ts';

export interface PlaceOptions<Place, Kind extends Input> {
  /** Two places with the same key are one input. */
  readonly keyOf: (place: Place) => string;
  /** Never throws. @returns null where the place must not be opened */
  readonly open: (place: Place) => Kind | null;
  /** Whether a new input may be read right away. */
  readonly mayRead: () => boolean;
}

export class InputsByPlace<Place, Kind extends Input> {
  readonly #options: PlaceOptions<Place, Kind>;
  readonly #inputs = new Map<string, Kind>();

  constructor(options: PlaceOptions<Place, Kind>) {
    this.#options = options;
  }

  get inputs(): readonly Kind[] {
    return [...this.#inputs.values()];
  }

  /** Closes the inputs that are not among `wanted`, then opens those that are new. */
  adopt(wanted: readonly Place[]): void {
    const { keyOf, open, mayRead } = this.#options;
    const byKey = new Map(wanted.map((place) => [keyOf(place), place]));
    for (const [key, input] of this.#inputs) {
      if (byKey.has(key)) continue;
      input.close();
      this.#inputs.delete(key);
    }
    for (const [key, place] of byKey) {
      const input = this.#inputs.has(key) ? null : open(place);
      if (input === null) continue;
      if (mayRead()) input.resume();
      this.#inputs.set(key, input);
    }
  }

  /** The inputs have ended. */
  forget(): void {
    this.#inputs.clear();
  }
}
