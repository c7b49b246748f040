/**
 * Creates the output for an action: the only place that knows all kinds.
 */
import type { Action, Directives, Rule } from '../../conf/config.ts';
import { CommandOutput } from '../../output/pipe/command-output.ts';
import { FifoOutput } from '../../output/pipe/fifo-output.ts';
import type { FileOwner } from '../../output/target/file-owner.ts';
import { ForwardOutput } from '../../output/forward/forward-output.ts';
import type { HostLookup } from '../../output/forward/host-lookup.ts';
import { LineOutput } from '../../output/file/line-output.ts';
import type { OutputServices } from '../../output/services.ts';
import type { MadeFifos } from '../../output/pipe/made-fifos.ts';
import type { Output } from '../../output/output.ts';
import type { FindOwnPlace } from '../../output/forward/target-addresses.ts';
import type { LinkOpener } from '../../output/forward/udp-link.ts';
import { UserOutput } from '../../output/terminal/user-output.ts';
import { payloadBytes } from '../settings/payload-bytes.ts';
import type { RotationsByPath } from '../settings/rotation-rules.ts';

/** Permission bits if no setting gives them. */
const FILE_MODE_DEFAULT = 0o640;
const FIFO_MODE_DEFAULT = 0o600;

/** What all forwarding shares. */
export interface ForwardSetup {
  readonly lookup: HostLookup;
  readonly openLink: LinkOpener;
  readonly ownPlace: FindOwnPlace;
  /** `-A` */
  readonly allAddresses: boolean;
  /** Only addresses of this family, or both. */
  readonly family: 4 | 6 | null;
  /** `-M`; null: as configured. */
  readonly udpSizeBytes: number | null;
}

export interface OutputRequest {
  readonly rule: Rule;
  readonly directives: Directives;
  /** Files that at least one rule wants synced. */
  readonly synced: ReadonlySet<string>;
  readonly rotations: RotationsByPath;
  readonly forward: ForwardSetup;
  /** Owner of new files if the rule names none. */
  readonly owner: FileOwner;
}

/** Creates the output without opening anything. */
export function createOutput(request: OutputRequest, services: OutputServices, fifos: MadeFifos): Output {
  const { action, options } = request.rule;
  const mode = options.mode ?? request.directives.fileMode;
  const owner = { owner: options.owner ?? request.owner.owner, group: options.group ?? request.owner.group };
  switch (action.kind) {
    case 'file':
      return new LineOutput(
        {
          path: action.path,
          sync: request.synced.has(action.path),
          mode: mode ?? FILE_MODE_DEFAULT,
          owner,
          rotation: request.rotations.get(action.path) ?? null,
        },
        services,
      );
    case 'fifo':
      return new FifoOutput({ path: action.path, mode: mode ?? FIFO_MODE_DEFAULT, owner }, services, fifos);
    case 'command':
      return new CommandOutput({ command: action.command }, services);
    case 'users':
      return new UserOutput({ names: action.names }, services);
    case 'forward':
      return createForward(action.host, action.port, request, services);
    case 'wall':
      break;
  }
  return new UserOutput({ names: null }, services);
}

function createForward(
  host: string,
  port: number | null,
  { rule, directives, forward }: OutputRequest,
  services: OutputServices,
): ForwardOutput {
  const { iface, ttl } = rule.options;
  const { allAddresses, family } = forward;
  const target = { host, port, iface, ttl, allAddresses, family, payloadBytes: payloadBytes(forward, directives) };
  return new ForwardOutput(target, { ...services, ...forward });
}

/** Whether repetitions are suppressed; `noRepeats` as in the settings: 1 spares pipes, 2 everything. */
export function suppressesRepeats(action: Action, noRepeats: number): boolean {
  const isPipe = action.kind === 'fifo' || action.kind === 'command';
  return noRepeats < (isPipe ? 1 : 2);
}
