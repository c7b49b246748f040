/**
 * The longest forwarded payload.
 */
import type { Directives } from '../../conf/config.ts';
import { FORWARD_DEFAULT_BYTES } from '../../protocol/limits.ts';
import type { DaemonSettings } from './settings.ts';

/** The command line overrides the configuration. */
export function payloadBytes(settings: Pick<DaemonSettings, 'udpSizeBytes'>, directives: Directives): number {
  return settings.udpSizeBytes ?? directives.udpSizeBytes ?? FORWARD_DEFAULT_BYTES;
}
