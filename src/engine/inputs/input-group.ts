/**
 * All inputs of one kind, as {@link InputSet} drives them.
 */
import type { Directives } from '../../conf/config.ts';
import type { Input } from '../../input/input.ts';
import type { InputOpener } from '../../input/input-opener.ts';
import type { Report } from '../../output/output.ts';
import type { DaemonSettings } from '../settings/settings.ts';
import type { Inherited } from './inherited.ts';

/** How inputs end: handed over, given up before anything was received, or closed for good. */
export type InputEnd = 'leave' | 'abandon' | 'close';

export interface InputGroup {
  /** Those that there are, in an order that stays. */
  readonly inputs: readonly Input[];
  /** Opens everything that is wanted at the start. @throws InputError */
  open(directives: Directives): void;
  /** A new configuration is in force: opens what is new, closes what is no longer wanted. Throws nothing. */
  adopt?(directives: Directives): void;
  /** The process before this one has nothing left to write: what it handed over in vain may be closed. */
  released?(): void;
  /** The inputs have ended. */
  ended?(how: InputEnd): void;
}

/** What groups are made of. */
export interface GroupParts {
  readonly settings: DaemonSettings;
  readonly inherited: Inherited;
  readonly opener: InputOpener;
  readonly report: Report;
  /** Nothing keeps a new input from being read. */
  readonly mayRead: () => boolean;
}
