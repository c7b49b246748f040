/** The command line of a run of the tests. */

export interface RunOptions {
  /** Prints every test, and the slowest files. */
  readonly isVerbose: boolean;
  /** Runs only what a change most likely breaks; see {@link selectQuick} of selection.ts. */
  readonly isQuick: boolean;
  /** Parts of paths; a file runs if it contains one of them. None: all run. */
  readonly parts: readonly string[];
}

/** @throws {RangeError} naming an option that does not exist */
export function parseRunOptions(words: readonly string[]): RunOptions {
  const options = words.filter((word) => word.startsWith('-'));
  const unknown = options.find((option) => option !== '--verbose' && option !== '--quick');
  if (unknown !== undefined) throw new RangeError(`unknown option "${unknown}", expected --verbose or --quick`);
  return {
    isVerbose: options.includes('--verbose'),
    isQuick: options.includes('--quick'),
    parts: words.filter((word) => !word.startsWith('-')),
  };
}
