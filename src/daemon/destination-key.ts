/**
 * Which rules share a destination: those whose action and options come to the same, however they are written.
 *
 * Equal keys mean one output, one repeat state, and each message once. Opens nothing.
 */
import type { Configuration } from '../conf/config.ts';
import { payloadBytes } from './create-output.ts';
import { type RotationDefault, rotationsByPath } from './rotation-rules.ts';

/** What the command line adds to the actions. */
export interface KeySettings {
  /** `-r` */
  readonly rotate: RotationDefault | null;
  /** `-M` */
  readonly forward: { readonly udpSizeBytes: number | null };
}

/**
 * Rules that name the same file are one destination; those that differ in their options are not.
 *
 * @returns the key of every rule, in order
 */
export function destinationKeys(configuration: Configuration, settings: KeySettings): readonly string[] {
  const { rules, directives } = configuration;
  const synced = syncedPaths(configuration);
  const rotations = rotationsByPath(configuration, settings.rotate);
  return rules.map(({ action, options }) => {
    const all = {
      ...options,
      at: null,
      mode: options.mode ?? directives.fileMode,
      rotation: action.kind === 'file' ? rotations.get(action.path) : null,
      payload: action.kind === 'forward' ? payloadBytes(settings.forward, directives) : null,
    };
    return JSON.stringify([action.kind === 'file' ? { ...action, sync: synced.has(action.path) } : action, all]);
  });
}

/** Files that one rule at least wants on the disk soon. */
export function syncedPaths(configuration: Configuration): ReadonlySet<string> {
  return new Set(
    configuration.rules.flatMap(({ action }) => (action.kind === 'file' && action.sync ? [action.path] : [])),
  );
}
