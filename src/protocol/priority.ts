/**
 * Facilities, severities and PRI, numbered and named as in RFC 5424 §6.2.1 and syslog(3).
 *
 * PRI = facility × 8 + severity. Facility 24 (`mark`) is internal: no message carries it, but selectors can name it and
 * the daemon's own marks have it.
 */

/** One severity, 0 (most severe) to 7. */
export const SEVERITY = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
} as const;

/** Facility numbers, not shifted. Source: RFC 5424 §6.2.1 Table 1; names from syslog(3) and sysklogd. */
export const FACILITY = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  ntp: 12,
  audit: 13,
  console: 14,
  cron2: 15,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
  mark: 24,
} as const;

/** Names that selectors accept besides those of {@link SEVERITY}. */
export const SEVERITY_ALIASES: Readonly<Record<string, number>> = {
  panic: SEVERITY.emerg,
  error: SEVERITY.err,
  warn: SEVERITY.warning,
};

/** Names that selectors accept besides those of {@link FACILITY}. */
export const FACILITY_ALIASES: Readonly<Record<string, number>> = {
  security: FACILITY.audit,
  cron_sol: FACILITY.cron2,
};

export const SEVERITY_COUNT = 8;
/** The 24 standard ones, and `mark`. */
export const FACILITY_COUNT = 25;
/** Number of PRI values that a message can have: 0 to 191. */
export const PRI_COUNT = 192;
/** Size of tables indexed by PRI that also hold the internal facility `mark`. */
export const PRI_TABLE_SIZE = FACILITY_COUNT * SEVERITY_COUNT;

/** Largest PRI of a message. Source: RFC 5424 §6.2.1. */
export const PRI_MAX = 191;
/** PRI of a message that has none, user.notice. Source: RFC 3164 §4.3.3. */
export const PRI_DEFAULT = FACILITY.user * 8 + SEVERITY.notice;
/** PRI of a mark, mark.info. */
export const PRI_MARK = FACILITY.mark * 8 + SEVERITY.info;

/** Names by number, for output. */
export const SEVERITY_NAMES: readonly string[] = Object.keys(SEVERITY);
export const FACILITY_NAMES: readonly string[] = Object.keys(FACILITY);
