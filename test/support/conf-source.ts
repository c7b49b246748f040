/**
 * Configurations in memory, and a short form of what was parsed.
 */
import type { Action, NameFilter, ParsedConfiguration, Rule } from '../../src/conf/config.ts';
import { formatProblem } from '../../src/conf/config.ts';
import { type ConfigSource, parseConfiguration } from '../../src/conf/parse.ts';

/** The file that tests parse. */
export const MAIN = '/etc/t.conf';

/** Files by path; `*` in a pattern stands for anything but `/`. */
export function memorySource(
  files: Readonly<Record<string, string | Buffer>>,
  programs: readonly string[] = [],
): ConfigSource {
  return {
    read(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
      return Buffer.from(text);
    },
    glob(pattern) {
      const source = pattern.replaceAll(/[.+()[\]{}|^$\\]/g, '\\$&').replaceAll('*', '[^/]*');
      return Object.keys(files)
        .filter((path) => new RegExp(`^${source}$`).test(path))
        .toSorted();
    },
    canonical: (path) => path,
    isExecutable: (path) => programs.includes(path),
  };
}

export function parseText(text: string | Buffer, others: Readonly<Record<string, string>> = {}): ParsedConfiguration {
  return parseConfiguration(MAIN, memorySource({ ...others, [MAIN]: text }, ['/bin/cat']));
}

/** Problems as they are printed. */
export function problemsOf(parsed: ParsedConfiguration): readonly string[] {
  return parsed.problems.map(formatProblem);
}

export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'file':
      return `${action.sync ? '' : '-'}${action.path}`;
    case 'fifo':
      return `fifo ${action.path}`;
    case 'command':
      return `command ${action.command}`;
    case 'forward':
      return `forward ${action.host} ${action.port ?? 'default'}`;
    case 'users':
      return `users ${action.names.join(' ')}`;
    case 'wall':
      break;
  }
  return action.kind;
}

function describeNames(mark: string, filter: NameFilter | null): string {
  if (filter === null) return '';
  return ` [${mark}${filter.quick ? 'quick ' : ''}${filter.exclude ? 'not ' : ''}${filter.names.join(' ')}]`;
}

/** Action and blocks of a rule. */
export function describeRule(rule: Rule): string {
  const filter = rule.property;
  const property =
    filter === null
      ? ''
      : ` [:${filter.property} ${filter.negate ? 'not ' : ''}${filter.ignoreCase ? 'icase ' : ''}${filter.operator} ${filter.value}]`;
  return describeAction(rule.action) + describeNames('!', rule.program) + describeNames('+', rule.host) + property;
}

/** Rules of a text that must be valid. */
export function rulesOf(text: string, others: Readonly<Record<string, string>> = {}): readonly string[] {
  const parsed = parseText(text, others);
  if (parsed.problems.length > 0) throw new Error(problemsOf(parsed).join('\n'));
  return parsed.configuration.rules.map(describeRule);
}
