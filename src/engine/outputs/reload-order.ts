/**
 * A reload that changes an option of a file, FIFO, command or host replaces its output, and the old one may still have
 * records. The new one holds its own until those are written.
 */
import type { Output } from '../../output/output.ts';
import type { Destination } from './destination.ts';

export class ReloadOrder {
  /** Predecessors of each destination. */
  readonly #before = new Map<Destination, readonly Destination[]>();

  /** @param gone no longer used, but not closed yet @param next in use from now on */
  constructor(gone: readonly Destination[], next: readonly Destination[]) {
    const byPlace = new Map<string, Destination[]>();
    for (const destination of gone)
      for (const place of placesOf(destination.output))
        byPlace.set(place, [...(byPlace.get(place) ?? []), destination]);
    for (const destination of next) {
      const before = new Set(placesOf(destination.output).flatMap((place) => byPlace.get(place) ?? []));
      if (before.size > 0) this.#before.set(destination, [...before]);
    }
  }

  /** @param closing a promise for each old destination, resolved when it is closed */
  keep(closing: ReadonlyMap<Destination, Promise<unknown>>): void {
    for (const [destination, before] of this.#before) {
      const closed = Promise.all(before.flatMap((old) => closing.get(old) ?? []));
      destination.output.follow?.(closed, (nowMs) => before.some(({ output }) => output.advances?.(nowMs) !== false));
    }
  }
}

/** Outputs that have a place in common write to the same file, FIFO, command or host. */
function placesOf({ kind, name, identity }: Output): readonly string[] {
  // A file that is not open yet may turn out to be a terminal.
  const isFile = kind === 'file' || kind === 'terminal' || kind === 'device';
  const place = `${isFile ? 'file' : kind} ${name}`;
  return identity == null ? [place] : [place, `identity ${identity}`];
}
