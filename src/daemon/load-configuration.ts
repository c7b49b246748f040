/**
 * Reads the configuration, or takes the built-in rules where the default file is missing.
 */
import type { ParsedConfiguration } from '../conf/config.ts';
import { createFileSource } from '../conf/file-source.ts';
import { parseConfiguration } from '../conf/parse.ts';
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

/**
 * @param file null: the default one, which may be missing
 * @throws ConfigFileError
 */
export function loadConfiguration(file: string | null): Loaded {
  const path = file ?? DEFAULT_CONFIG_FILE;
  const source = createFileSource();
  try {
    return { ...parseConfiguration(path, source), file: path, builtIn: false };
  } catch (error) {
    if (file === null && errorCode(error) === 'ENOENT') {
      const builtIn = { ...source, read: () => Buffer.from(BUILT_IN) };
      return { ...parseConfiguration('built-in rules', builtIn), file: path, builtIn: true };
    }
    if (errorCode(error) === '') throw error;
    throw new ConfigFileError(`cannot read configuration "${path}": ${errorText(error)}`);
  }
}
