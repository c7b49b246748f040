/**
 * Settings of a daemon from the command line, checked. The configuration file holds the rest.
 */
import type { ListenAddress } from '../../conf/config.ts';
import type { AllowRule } from '../../input/sender/allow-rule.ts';
import type { RotationDefault } from './rotation-rules.ts';

export type ReceiverKind = 'batch' | 'portable';

export interface DaemonSettings {
  /** Only this family of addresses; null: both. */
  readonly family: 4 | 6 | null;
  readonly keep8bit: boolean;
  /** `-A`: forward to every address of a name, not just the first that works. */
  readonly allAddresses: boolean;
  /** `-a`; empty: everybody may send. */
  readonly allowedPeers: readonly AllowRule[];
  /** `-M`; null: as configured. */
  readonly udpSizeBytes: number | null;
  /** `-b`, in addition to the configuration. */
  readonly listen: readonly ListenAddress[];
  /** 0: suppress repetitions, 1: not for pipes, 2: never. */
  readonly noRepeats: number;
  readonly debug: boolean;
  /** Null: the default file, which may be missing. */
  readonly configFile: string | null;
  readonly keepHost: boolean;
  /** Read the kernel log: `--kernel-log`, `-K`; null: unless this is a container. */
  readonly kernelLog: boolean | null;
  /** `-C`: the file with its last sequence number. */
  readonly kernelCache: string;
  /** `-l`: the kernel keeps writing to the console itself. */
  readonly kernelConsole: boolean;
  /** `-t`: always trust the kernel's time stamps. */
  readonly kernelTime: boolean;
  readonly keepKern: boolean;
  readonly markMinutes: number;
  readonly resolveNames: boolean;
  readonly pidFile: string;
  /** `-p`; empty: the default. */
  readonly sockets: readonly string[];
  /** 0: receive, 1: receive nothing from the network, 2: no network socket. Null: as configured. */
  readonly secureMode: number | null;
  readonly receiptTime: boolean;
  /** Null: the best that the platform supports. */
  readonly receiver: ReceiverKind | null;
  readonly umask: number;
  /** `--control`; null: no control socket. */
  readonly controlSocket: string | null;
  /** `--control-pipe`; null: none. */
  readonly controlPipe: string | null;
  /** `--user`, `--group`: names or numbers; null: unchanged. */
  readonly user: string | null;
  readonly group: string | null;
  /** `--chroot`; null: none. */
  readonly rootDirectory: string | null;
  /** For files without their own setting; null: as configured. */
  readonly rotate: RotationDefault | null;
}
