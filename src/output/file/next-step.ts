/**
 * What the output of a file does next, decided from its whole situation. One step at a time: while one is in progress
 * nothing else begins, and its end asks again.
 *
 *   life       first of these that holds                      step
 *   closed                                                    release
 *   draining   news: writable                                 write
 *              nothing queued, or given up                    over
 *              nothing open                                   look
 *              writable                                       write
 *   alive      the path is to be looked at                    look
 *   retrying   news                                           rest: the pause is not over
 *              the pause is not over                          pause
 *              nothing open                                   look
 *              writable                                       attempt
 *              otherwise                                      pause
 *   open       a rotation is due                              rotate
 *              writable                                       write
 *
 * Writable: something is queued, something is open, and no other output comes first. A terminal that took nothing rests
 * for a moment, unless there is news or the end is reached. Whatever is not named: rest.
 */
import type { OutputState } from '../output.ts';

/** The step in progress. */
export type Activity = 'none' | 'write' | 'open' | 'repair' | 'rotate';

/**
 * Why the question is asked: new records, or something must be checked or rotated; a pause is over; or a step has
 * ended, or may begin.
 */
export type Cause = 'news' | 'pause over' | 'work';

export interface FileSituation {
  readonly cause: Cause;
  readonly life: OutputState;
  readonly activity: Activity;
  /** A file, a terminal or another device is open. */
  readonly isOpen: boolean;
  readonly isQueued: boolean;
  readonly reopenWanted: boolean;
  readonly rotationWanted: boolean;
  /** Writing has failed; at the end, what was queued before is not tried again. */
  readonly givenUp: boolean;
  /** The output before this one is not closed yet. */
  readonly held: boolean;
  /** A terminal took nothing a moment ago. */
  readonly stalled: boolean;
}

/**
 * `release`: close the open file; `over`: notify whoever waits for the end; `look`: check the path, and open it again
 * if necessary; `pause`: retry later; `write`: at the file's pace; `attempt`: write at once, to see whether it works.
 */
export type FileStep = 'rest' | 'release' | 'over' | 'look' | 'pause' | 'rotate' | 'write' | 'attempt';

export function nextFileStep(situation: FileSituation): FileStep {
  const { cause, life, activity, stalled } = situation;
  if (activity !== 'none') return 'rest';
  if (life === 'closed') return 'release';
  if (stalled && cause !== 'news') return 'rest';
  if (life === 'draining') return stepAtEnd(situation);
  if (situation.reopenWanted) return 'look';
  if (life === 'retrying') return stepInTrouble(situation);
  if (situation.rotationWanted) return 'rotate';
  return isWritable(situation) ? 'write' : 'rest';
}

function stepAtEnd(situation: FileSituation): FileStep {
  const { cause, isQueued, givenUp, isOpen } = situation;
  if (cause !== 'news' && (!isQueued || givenUp)) return 'over';
  if (cause !== 'news' && !isOpen) return 'look';
  return isWritable(situation) ? 'write' : 'rest';
}

function stepInTrouble(situation: FileSituation): FileStep {
  if (situation.cause === 'news') return 'rest';
  if (situation.cause !== 'pause over') return 'pause';
  if (!situation.isOpen) return 'look';
  // Waiting records may have made room for others: later ones must find the output retrying, not stuck.
  return isWritable(situation) ? 'attempt' : 'pause';
}

function isWritable({ isQueued, isOpen, held }: FileSituation): boolean {
  return isQueued && isOpen && !held;
}
