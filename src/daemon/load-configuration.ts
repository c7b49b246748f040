/**
 * Reads the configuration and says what of it this daemon can carry out.
 */
import type { ConfigProblem, Configuration, ParsedConfiguration, Rule } from '../conf/config.ts';
import { createFileSource } from '../conf/file-source.ts';
import { parseConfiguration } from '../conf/parse.ts';
import { unsupportedParts } from '../conf/supported.ts';
import { errorCode, errorText } from '../sys/error-text.ts';

export const DEFAULT_CONFIG_FILE = '/etc/tsyslog.conf';

/** The rules of a machine without configuration. */
const BUILT_IN = '*.err\t/dev/console\n*.emerg\t*\n';

/** The configuration cannot be read at all; the message is for the operator. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

export interface Loaded extends ParsedConfiguration {
  /** Name for messages. */
  readonly file: string;
  /** The default file is missing: the built-in rules are in force. */
  readonly builtIn: boolean;
}

function sameAt(a: ConfigProblem, rule: Rule): boolean {
  return a.at.file === rule.at.file && a.at.line === rule.at.line;
}

/** Leaves out the rules that a problem names. */
function withoutUnsupported(configuration: Configuration, problems: readonly ConfigProblem[]): Configuration {
  const rules = configuration.rules.filter((rule) => !problems.some((problem) => sameAt(problem, rule)));
  return { ...configuration, rules };
}

function checked(file: string, builtIn: boolean, parsed: ParsedConfiguration): Loaded {
  const unsupported = unsupportedParts(parsed.configuration);
  return {
    file,
    builtIn,
    configuration: withoutUnsupported(parsed.configuration, unsupported),
    problems: [...parsed.problems, ...unsupported],
  };
}

/**
 * @param file null: the default one, which may be missing
 * @throws ConfigFileError
 */
export function loadConfiguration(file: string | null): Loaded {
  const path = file ?? DEFAULT_CONFIG_FILE;
  const source = createFileSource();
  try {
    return checked(path, false, parseConfiguration(path, source));
  } catch (error) {
    if (file === null && errorCode(error) === 'ENOENT') {
      const builtIn = { ...source, read: () => Buffer.from(BUILT_IN) };
      return checked(path, true, parseConfiguration('built-in rules', builtIn));
    }
    if (errorCode(error) === '') throw error;
    throw new ConfigFileError(`cannot read configuration "${path}": ${errorText(error)}`);
  }
}
