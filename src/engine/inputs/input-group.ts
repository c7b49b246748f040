/**
 * All inputs of one kind, as {@link InputSet} drives them.
 */
import type { Directives } from '../../conf/config.ts';
import type { Input } from '../../input/input.ts';
import type { InputOpener } from '../../input/input-opener.ts';
import type { Report } from '../../output/output.ts';
import type { DaemonSettings } from '../settings/settings.ts';
import type { Inherited } from './inherited.ts';

/** How inputs end: left to another process, abandoned before anything was received, or closed for good. */
export type InputEnd = 'leave' | 'abandon' | 'close';

export interface InputGroup {
  /** Its inputs, in an order that does not change. */
  readonly inputs: readonly Input[];
  /** Opens what is wanted at the start. @throws InputError */
  open(directives: Directives): void;
  /** A new configuration is in force: opens new inputs, closes those no longer wanted. Never throws. */
  adopt?(directives: Directives): void;
  /** The previous process has written everything: closes inputs that it handed over and that are not wanted. */
  released?(): void;
  /** All inputs have ended. */
  ended?(how: InputEnd): void;
}

/** What a group needs. */
export interface GroupParts {
  readonly settings: DaemonSettings;
  readonly inherited: Inherited;
  readonly opener: InputOpener;
  readonly report: Report;
  /** Whether a new input may be read right away. */
  readonly mayRead: () => boolean;
}
