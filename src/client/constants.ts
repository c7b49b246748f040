/**
 * The constants of <syslog.h> with their values on Linux, and its macros. Source: syslog(3), glibc misc/sys/syslog.h.
 */

/** Severities, in the lowest three bits of a priority. */
export const LOG_EMERG = 0;
export const LOG_ALERT = 1;
export const LOG_CRIT = 2;
export const LOG_ERR = 3;
export const LOG_WARNING = 4;
export const LOG_NOTICE = 5;
export const LOG_INFO = 6;
export const LOG_DEBUG = 7;

/** Facilities, shifted to where a priority has them. */
export const LOG_KERN = 0;
export const LOG_USER = 8;
export const LOG_MAIL = 16;
export const LOG_DAEMON = 24;
export const LOG_AUTH = 32;
export const LOG_SYSLOG = 40;
export const LOG_LPR = 48;
export const LOG_NEWS = 56;
export const LOG_UUCP = 64;
export const LOG_CRON = 72;
export const LOG_AUTHPRIV = 80;
export const LOG_FTP = 88;
export const LOG_LOCAL0 = 128;
export const LOG_LOCAL1 = 136;
export const LOG_LOCAL2 = 144;
export const LOG_LOCAL3 = 152;
export const LOG_LOCAL4 = 160;
export const LOG_LOCAL5 = 168;
export const LOG_LOCAL6 = 176;
export const LOG_LOCAL7 = 184;

/** Options of openlog(3). */
export const LOG_PID = 1;
export const LOG_CONS = 2;
export const LOG_ODELAY = 4;
export const LOG_NDELAY = 8;
export const LOG_NOWAIT = 16;
export const LOG_PERROR = 32;

export const LOG_PRIMASK = 0x07;
export const LOG_FACMASK = 0x3f8;
export const LOG_NFACILITIES = 24;

/** @returns the severity of a priority */
export function LOG_PRI(priority: number): number {
  return priority & LOG_PRIMASK;
}

/** @returns the number of the facility of a priority, not shifted */
export function LOG_FAC(priority: number): number {
  return (priority & LOG_FACMASK) >> 3;
}

/** @returns a priority; both as in the constants above */
export function LOG_MAKEPRI(facility: number, level: number): number {
  return facility | level;
}

/** @returns the mask of one severity, for setlogmask */
export function LOG_MASK(level: number): number {
  return 1 << level;
}

/** @returns the mask of all severities down to `level`, for setlogmask */
export function LOG_UPTO(level: number): number {
  return (1 << (level + 1)) - 1;
}
