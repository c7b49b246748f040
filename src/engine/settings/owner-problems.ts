/**
 * Rules whose `owner=` or `group=` does not exist: reported when a configuration is loaded, not when the file is
 * created.
 */
import type { ConfigProblem, Configuration, Rule } from '../../conf/config.ts';
import { whyNoOwner } from '../../output/target/file-owner.ts';
import { rootDirectory } from '../../sys/call/root-directory.ts';

/** In its own root directory the process does not see the machine's accounts: then nothing is reported. */
export async function ownerProblems(configuration: Configuration): Promise<readonly ConfigProblem[]> {
  if (rootDirectory() !== null) return [];
  const found = await Promise.all(configuration.rules.map(problemsOf));
  return found.flat();
}

async function problemsOf({ options, actionAt }: Rule): Promise<readonly ConfigProblem[]> {
  if (options.owner === null && options.group === null) return [];
  const owner = await whyNoOwner({ owner: options.owner, group: null });
  const group = await whyNoOwner({ owner: null, group: options.group });
  return [
    ...(owner === null ? [] : [{ at: options.at.owner ?? actionAt, what: owner, expected: null }]),
    ...(group === null ? [] : [{ at: options.at.group ?? actionAt, what: group, expected: null }]),
  ];
}
