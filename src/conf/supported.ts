/**
 * What a sound configuration may ask for and the daemon cannot do yet, with its place.
 *
 * One entry a feature: delete the entry when the feature arrives, and the file with the last one.
 */
import type { Configuration, ConfigProblem, Position, Rule } from './config.ts';

/** @returns where the rule asks for it; undefined: it does not. */
type Finder = (rule: Rule) => Position | undefined;

/** Parts of rules by the name that messages give them. */
const MISSING_IN_RULES: ReadonlyMap<string, Finder> = new Map([
  ['program blocks are', (rule: Rule) => rule.program?.at],
  ['host blocks are', (rule: Rule) => rule.host?.at],
  ['property filters are', (rule: Rule) => rule.property?.at],
]);

/** @returns one problem for every place, in the order of rules. */
export function unsupportedParts(configuration: Configuration): readonly ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  const add = (at: Position, name: string): void => {
    const problem: ConfigProblem = { at, what: `${name} not supported yet`, expected: null };
    problems.set(JSON.stringify(problem), problem);
  };
  for (const rule of configuration.rules) {
    for (const [name, find] of MISSING_IN_RULES) {
      const at = find(rule);
      if (at !== undefined) add(at, name);
    }
  }
  return [...problems.values()];
}
