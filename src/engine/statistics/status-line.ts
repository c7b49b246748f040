/**
 * The state of the daemon in one line, for the service manager: what fails, by name, and whether the configuration on
 * disk is in force.
 */
import type { Input } from '../../input/input.ts';
import type { Output } from '../../output/output.ts';

/** Further names are only counted. */
const NAMES_MAX = 5;

export interface StatusSources {
  readonly inputs: () => readonly Pick<Input, 'label' | 'state'>[];
  readonly outputs: () => readonly Pick<Output, 'label' | 'state'>[];
}

export class StatusLine {
  readonly #sources: StatusSources;
  readonly #tell: (text: string) => void;
  #scheduled = false;
  /** What is wrong with the configuration; null: nothing. */
  #complaint: string | null = null;

  /** @param tell called with the line, possibly the same as before */
  constructor(sources: StatusSources, tell: (text: string) => void) {
    this.#sources = sources;
    this.#tell = tell;
  }

  /** The current state: `running, 1 output failing: file "/var/log/messages"`. */
  get text(): string {
    const { inputs, outputs } = this.#sources;
    const parts = [
      'running',
      ...failing(
        'input',
        inputs().filter(({ state }) => state === 'retrying'),
      ),
      ...failing(
        'output',
        outputs().filter(({ state }) => state === 'retrying' || state === 'closed'),
      ),
      ...(this.#complaint === null ? [] : [this.#complaint]),
    ];
    return parts.join(', ');
  }

  /** The daemon has started; rules with `problems` are left out. */
  started(problems: readonly string[]): void {
    this.#complaint = complaint('configuration has', problems);
  }

  /** A reload has finished; with `problems` it changed nothing. */
  reloaded(problems: readonly string[]): void {
    this.#complaint = complaint('last reload refused:', problems);
  }

  /** To be called after every report: each change of state causes one. */
  readonly reported = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Some report before they change their state, and changes seldom come alone.
    setImmediate(() => {
      this.#scheduled = false;
      this.#tell(this.text);
    });
  };
}

function complaint(what: string, problems: readonly string[]): string | null {
  const [first] = problems;
  if (first === undefined) return null;
  return `${what} ${problems.length} error${problems.length === 1 ? '' : 's'}: ${first}`;
}

function failing(what: string, list: readonly { readonly label: string }[]): readonly string[] {
  if (list.length === 0) return [];
  const names = list.slice(0, NAMES_MAX).map(({ label }) => label);
  const more = list.length > NAMES_MAX ? ` and ${list.length - NAMES_MAX} more` : '';
  return [`${list.length} ${what}${list.length === 1 ? '' : 's'} failing: ${names.join(', ')}${more}`];
}
