/**
 * How long each file of tests took when it last passed, kept in the build folder between runs.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export class RecordedSeconds {
  readonly #path: string;
  readonly #seconds: Map<string, number>;

  /** @param path of the record, which need not exist */
  constructor(path: string) {
    this.#path = path;
    this.#seconds = new Map(readSeconds(path));
  }

  /** @param name of a file, see selection.ts */
  of(name: string): number | undefined {
    return this.#seconds.get(name);
  }

  /** Adds the results of a run. */
  save(measured: Iterable<readonly [string, number]>): void {
    for (const [name, seconds] of measured) this.#seconds.set(name, Math.round(seconds * 10) / 10);
    const sorted = [...this.#seconds].toSorted(([one], [other]) => (one < other ? -1 : 1));
    mkdirSync(dirname(this.#path), { recursive: true });
    // Another run may write at the same time.
    const beside = `${this.#path}.${process.pid}`;
    writeFileSync(beside, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`);
    renameSync(beside, this.#path);
  }
}

/** A missing or damaged record counts as empty. */
function readSeconds(path: string): readonly (readonly [string, number])[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  } catch {
    return [];
  }
}
