/**
 * How `tsyslogd` ends.
 */

/** Exit statuses, as in the man page. */
export const EXIT = { done: 0, failed: 1, usage: 2, badConfiguration: 3, dataLeft: 4 } as const;
