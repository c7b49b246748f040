/**
 * How `tsyslogd` ends.
 */

/** Exit statuses, as the man page lists them. */
export const EXIT = { done: 0, failed: 1, usage: 2, badConfiguration: 3, dataLeft: 4 } as const;
