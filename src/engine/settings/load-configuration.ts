/**
 * Reads the configuration, or uses the built-in rules if the default file is missing.
 */
import { targetName } from '../../conf/words/addresses.ts';
import type { ConfigProblem, ParsedConfiguration } from '../../conf/config.ts';
import { createFileSource } from '../../conf/file-source.ts';
import { type ConfigSource, parseConfiguration } from '../../conf/parse.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { OperatorError } from '../../sys/call/errors.ts';
import { outOfRoot } from '../../sys/call/root-directory.ts';
import { findLoops, type LoopingRule, spellPlace } from './own-places.ts';
import type { DaemonSettings } from './settings.ts';

export const DEFAULT_CONFIG_FILE = '/etc/tsyslog.conf';

/** The rules of a machine without a configuration. */
export const BUILT_IN = { name: 'built-in rules', text: '*.err\t/dev/console\n*.emerg\t*\n' } as const;

/** The configuration cannot be read at all; the message is for the operator. */
export class ConfigFileError extends OperatorError {
  override readonly name = 'ConfigFileError';
}

export interface Loaded extends ParsedConfiguration {
  /** Name for messages. */
  readonly file: string;
  /** The default file is missing: the built-in rules are in force. */
  readonly builtIn: boolean;
}

/** What the command line says of the configuration and of where to receive. */
export type ConfigurationSettings = Pick<DaemonSettings, 'configFile' | 'family' | 'listen' | 'secureMode'>;

/**
 * @param source the file system, unless the text is recorded as well
 * @throws ConfigFileError
 */
export function loadConfiguration(settings: ConfigurationSettings, source: ConfigSource = createFileSource()): Loaded {
  const loaded = parseFile(settings.configFile, source);
  const loops = findLoops(loaded.configuration, settings);
  if (loops.length === 0) return loaded;
  const looping = new Set(loops.map(({ rule }) => rule));
  const rules = loaded.configuration.rules.filter((rule) => !looping.has(rule));
  return {
    ...loaded,
    configuration: { ...loaded.configuration, rules },
    problems: [...loaded.problems, ...loops.map(loopProblem)],
  };
}

function loopProblem({ rule: { action, actionAt }, place }: LoopingRule): ConfigProblem {
  const target = action.kind === 'forward' ? targetName(action.host, action.port) : action.kind;
  const what = `\`${target}\` is this daemon itself, which listens on UDP ${spellPlace(place)}`;
  return { at: actionAt, what, expected: 'another host or port' };
}

/** @param file null: the default file, which may be missing */
function parseFile(file: string | null, source: ConfigSource): Loaded {
  const path = file ?? DEFAULT_CONFIG_FILE;
  try {
    return { ...parseConfiguration(path, source), file: path, builtIn: false };
  } catch (error) {
    if (file === null && errorCode(error) === 'ENOENT') {
      const builtIn = { ...source, read: () => Buffer.from(BUILT_IN.text) };
      return { ...parseConfiguration(BUILT_IN.name, builtIn), file: path, builtIn: true };
    }
    if (errorCode(error) === '') throw error;
    const place = errorCode(error) === 'EOUTSIDE' ? `: expected it at "${outOfRoot(path)}"` : '';
    throw new ConfigFileError(`cannot read configuration "${path}": ${errorText(error)}${place}`);
  }
}
