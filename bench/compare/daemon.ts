/**
 * A daemon under comparison: how it is configured and started, and what it can do.
 */
import type { Command } from './command.ts';
import type { Layout } from './rules.ts';

/** What a daemon is started with. */
export interface Setup {
  /** Its folder, the working directory at its start. */
  readonly dir: string;
  readonly socket: string;
  /** UDP port on 127.0.0.1, or null for none. */
  readonly port: number | null;
  readonly layout: Layout;
}

/** Scenarios that a daemon can take part in. */
export type Ability = 'log' | 'udp' | 'rules' | 'program-blocks' | 'host-blocks' | 'many-files' | 'long';

export interface Daemon {
  readonly name: string;
  readonly version: string;
  readonly role: 'ours' | 'peer' | 'limit' | 'node-package' | 'other-node' | 'other-build';
  readonly can: ReadonlySet<Ability>;
  readonly config: (setup: Setup) => string;
  readonly command: (setup: Setup, configFile: string) => Command;
}

/** A daemon, or the reason why it is not in the comparison. */
export type Found = { readonly daemon: Daemon } | { readonly name: string; readonly reason: string };
