/** What a run has counted, and what it prints. */
import type { FileOutcome } from './file-run.ts';

const SLOWEST_SHOWN = 10;
/** Lines shown of the output of a file that did not end properly. */
const OUTPUT_LINES_SHOWN = 40;

export class Tally {
  readonly #failures: string[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #seconds = new Map<string, number>();
  readonly #passedFiles = new Set<string>();
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  get hasFailed(): boolean {
    return this.#failures.length > 0;
  }

  /** The last line of a run. */
  get sums(): string {
    return sumsOf(this.#passed, this.#failed, this.#skipped);
  }

  /** Duration of the files in which nothing failed. */
  get secondsOfPassed(): readonly (readonly [string, number])[] {
    return [...this.#seconds].filter(([name]) => this.#passedFiles.has(name));
  }

  /** @returns what to print for a file: one line, and one for each failure */
  count(name: string, outcome: FileOutcome): string {
    const passed = outcome.records.filter(({ event }) => event === 'passed').length;
    const skipped = outcome.records.filter(({ event }) => event === 'skipped');
    const failures = failuresOf(outcome);
    this.#passed += passed;
    this.#skipped += skipped.length;
    this.#failed += failures.length;
    this.#seconds.set(name, outcome.seconds);
    if (failures.length === 0) this.#passedFiles.add(name);
    for (const { reason } of skipped) this.#reasons.set(reason ?? '', (this.#reasons.get(reason ?? '') ?? 0) + 1);
    this.#failures.push(
      ...failures.map(({ title, detail }) => `${name}: ${title}${detail === '' ? '' : `\n${detail}`}`),
    );
    const sums = sumsOf(passed, failures.length, skipped.length, true);
    const line = `${failures.length === 0 ? '✔' : '✖'} ${name}: ${sums}, ${outcome.seconds.toFixed(1)} s\n`;
    return line + failures.map(({ title }) => `  ✖ ${title}\n`).join('');
  }

  /** @returns the slowest files, one line each */
  slowest(): string {
    const sorted = [...this.#seconds].toSorted(([, one], [, other]) => other - one).slice(0, SLOWEST_SHOWN);
    return sorted.map(([name, seconds]) => `${seconds.toFixed(1).padStart(7)} s  ${name}\n`).join('');
  }

  /** @returns failures, reasons for skipped tests, and the totals as the last line */
  end(): string {
    const failures = this.hasFailed ? `\nWhat failed:\n\n${this.#failures.join('\n\n')}\n` : '';
    const reasons = [...this.#reasons].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const skipped = reasons.map(
      ([reason, count]) => `${count} skipped: ${reason === '' ? 'no reason is given' : reason}\n`,
    );
    return `${failures}\n${skipped.join('')}${this.sums}\n`;
  }
}

interface Failure {
  /** One line. */
  readonly title: string;
  readonly detail: string;
}

function failuresOf({ records, faults, output }: FileOutcome): readonly Failure[] {
  const tests = records
    .filter(({ event }) => event === 'failed')
    .map(({ name, error }) => ({ title: name, detail: error ?? '' }));
  const tail = output.trimEnd().split('\n').slice(-OUTPUT_LINES_SHOWN).join('\n');
  // Whatever ended the file has most likely printed why.
  return [...tests, ...faults.map((title, at) => ({ title, detail: at === 0 ? tail : '' }))];
}

/** @param isShort leaves out zeros, except for passed tests */
function sumsOf(passed: number, failed: number, skipped: number, isShort = false): string {
  return [`${passed} passed`, `${failed} failed`, `${skipped} skipped`]
    .filter((text, at) => !isShort || at === 0 || !text.startsWith('0 '))
    .join(', ');
}
