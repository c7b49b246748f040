/**
 * Which rules share a destination: those whose action and options mean the same, however written.
 *
 * Equal keys mean one output, one repeat state, and each message once. Opens nothing.
 */
import type { ActionOptions, Configuration } from '../../conf/config.ts';
import { payloadBytes } from '../settings/payload-bytes.ts';
import { type RotationDefault, rotationsByPath } from '../settings/rotation-rules.ts';

/** What the command line adds to actions. */
export interface KeySettings {
  /** `-r` */
  readonly rotate: RotationDefault | null;
  /** `-M` */
  readonly forward: { readonly udpSizeBytes: number | null };
}

/**
 * Rules that name the same file share a destination, unless their options differ.
 *
 * @returns the key of every rule, in order
 */
export function destinationKeys(configuration: Configuration, settings: KeySettings): readonly string[] {
  const { rules, directives } = configuration;
  const synced = syncedPaths(configuration);
  const rotations = rotationsByPath(configuration, settings.rotate);
  const payload = payloadBytes(settings.forward, directives);
  // Rules without options share one object, however many there are.
  const ofOptions = new Map<ActionOptions, string>();
  const optionsKey = (options: ActionOptions): string => {
    const known = ofOptions.get(options);
    if (known !== undefined) return known;
    const mode = options.mode ?? directives.fileMode;
    const key = JSON.stringify({ ...options, at: null, mode, rotation: null });
    ofOptions.set(options, key);
    return key;
  };
  return rules.map(({ action, options }) => {
    if (action.kind !== 'file')
      return JSON.stringify([action, action.kind === 'forward' ? payload : null]) + optionsKey(options);
    const { path } = action;
    return JSON.stringify(['file', path, synced.has(path), rotations.get(path)]) + optionsKey(options);
  });
}

/** Files that at least one rule wants synced. */
export function syncedPaths(configuration: Configuration): ReadonlySet<string> {
  return new Set(
    configuration.rules.flatMap(({ action }) => (action.kind === 'file' && action.sync ? [action.path] : [])),
  );
}
