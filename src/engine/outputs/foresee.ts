/**
 * What would happen if a configuration were loaded now, by this process with its privileges: what a reload would
 * refuse, and what it would accept although it will not work. Opens, creates and starts nothing.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigProblem, Configuration, Position, Rule } from '../../conf/config.ts';
import { whyNoFifo, whyNoFile } from '../../output/foresee-open.ts';
import { type SystemLookup, systemLookup } from '../../output/forward/host-lookup.ts';
import { findUser } from '../../sys/process/accounts.ts';
import { errorText } from '../../sys/call/error-text.ts';
import { whyFixed, whyNotWritable } from '../../sys/file/path-access.ts';
import { inRoot, rootDirectory } from '../../sys/call/root-directory.ts';
import { destinationKeys, type KeySettings } from './destination-key.ts';
import { ownerProblems } from '../settings/owner-problems.ts';
import { rotationsByPath } from '../settings/rotation-rules.ts';
import { withoutForbidden } from '../settings/secure-mode.ts';

/** Slower name servers are not waited for. */
const LOOKUP_MS = 3000;

export interface ForesightSettings extends KeySettings {
  readonly secureMode: number | null;
  /** Only addresses of this family; null: both. */
  readonly family: 4 | 6 | null;
}

export interface Foresight {
  /** What a reload refuses, in its words if all destinations were new. */
  readonly refused: readonly ConfigProblem[];
  /** What it accepts although it will not work. */
  readonly doubtful: readonly ConfigProblem[];
}

export async function foresee(
  whole: Configuration,
  settings: ForesightSettings,
  lookup: SystemLookup = systemLookup,
): Promise<Foresight> {
  const forbidden: ConfigProblem[] = [];
  const configuration = withoutForbidden(whole, settings.secureMode, (left) => forbidden.push(left));
  const rules = firstOfEach(configuration, settings);
  const refused = [...(await ownerProblems(configuration)), ...rules.flatMap(openProblem)];
  const doubtful = [
    ...rules.flatMap((rule) => pathDoubt(rule, refused)),
    ...rotationDoubts(configuration, settings, refused),
    ...rules.flatMap(userDoubts),
    ...notifyDoubts(configuration),
    ...(await hostDoubts(rules, settings.family, lookup)),
  ];
  return { refused, doubtful: [...forbidden, ...doubtful] };
}

/** One rule for each destination, the one that a reload names. */
function firstOfEach(configuration: Configuration, settings: KeySettings): readonly Rule[] {
  const first = new Map<string, Rule>();
  const keys = destinationKeys(configuration, settings);
  for (const [idx, rule] of configuration.rules.entries()) {
    const key = keys[idx] ?? '';
    if (!first.has(key)) first.set(key, rule);
  }
  return [...first.values()];
}

function problem(at: Position, what: string): readonly ConfigProblem[] {
  return [{ at, what, expected: null }];
}

function openProblem({ action, actionAt }: Rule): readonly ConfigProblem[] {
  if (action.kind !== 'file' && action.kind !== 'fifo') return [];
  const reason = action.kind === 'file' ? whyNoFile(action.path) : whyNoFifo(action.path);
  return reason === null ? [] : problem(actionAt, `cannot open ${action.kind} "${action.path}": ${reason}`);
}

/** A FIFO is opened only when there is something to write. */
function pathDoubt({ action, actionAt }: Rule, refused: readonly ConfigProblem[]): readonly ConfigProblem[] {
  if (action.kind !== 'fifo' || refused.some(({ at }) => at === actionAt)) return [];
  const reason = whyNotWritable(action.path);
  return reason === null ? [] : problem(actionAt, `cannot write to fifo "${action.path}": ${reason}`);
}

function rotationDoubts(
  configuration: Configuration,
  { rotate }: KeySettings,
  refused: readonly ConfigProblem[],
): readonly ConfigProblem[] {
  const rotations = rotationsByPath(configuration, rotate);
  const told = new Set<string>();
  return configuration.rules.flatMap(({ action, actionAt, options }) => {
    if (action.kind !== 'file' || rotations.get(action.path) == null || told.has(action.path)) return [];
    told.add(action.path);
    if (action.path.startsWith('/dev/') || refused.some(({ at }) => at === actionAt)) return [];
    const reason = whyFixed(action.path);
    const at = options.at.rotate ?? actionAt;
    return reason === null ? [] : problem(at, `cannot rotate file "${action.path}": ${reason}`);
  });
}

/** A user unknown now may exist when there is something to say. */
function userDoubts({ action, actionAt }: Rule): readonly ConfigProblem[] {
  if (action.kind !== 'users' || rootDirectory() !== null) return [];
  return action.names.flatMap((name) => (findUser(name) === null ? problem(actionAt, `no such user: "${name}"`) : []));
}

function notifyDoubts({ directives }: Configuration): readonly ConfigProblem[] {
  const at = directives.at.notify;
  if (at === undefined) return [];
  return directives.notify.flatMap((path) => {
    try {
      accessSync(inRoot(path), constants.X_OK);
      return [];
    } catch (error) {
      return problem(at, `cannot run "${path}" after rotations: ${errorText(error)}`);
    }
  });
}

/** Lists the network interfaces. Source: sysfs(5). */
const INTERFACES = '/sys/class/net';

async function hostDoubts(
  rules: readonly Rule[],
  family: 4 | 6 | null,
  lookup: SystemLookup,
): Promise<readonly ConfigProblem[]> {
  const alarm = new AbortController();
  const late = delay(LOOKUP_MS, `no answer within ${LOOKUP_MS / 1000} seconds`, { signal: alarm.signal });
  const found = await Promise.all(
    rules.map(async ({ action, actionAt, options }) => {
      if (action.kind !== 'forward') return [];
      const { iface } = options;
      const missing = iface !== null && existsSync(INTERFACES) && !existsSync(`${INTERFACES}/${iface}`);
      const reason = await Promise.race([whyNotFound(action.host, family, lookup), late]);
      return [
        ...(missing ? problem(options.at.iface ?? actionAt, `no such network interface: "${iface}"`) : []),
        ...(reason === null ? [] : problem(actionAt, `cannot resolve loghost "${action.host}": ${reason}`)),
      ];
    }),
  );
  alarm.abort();
  await late.catch(() => undefined);
  return found.flat();
}

function whyNotFound(host: string, family: 4 | 6 | null, lookup: SystemLookup): Promise<string | null> {
  if (isIP(host.split('%', 1)[0] ?? '') !== 0) return Promise.resolve(null);
  return new Promise((resolve) => {
    lookup(host, family, (error) => resolve(error === null ? null : errorText(error)));
  });
}
