/**
 * Names of the daemons that tsyslogd is compared with, as used in results.
 */
export const RSYSLOG = 'rsyslog';
export const INETUTILS = 'inetutils-syslogd';
export const LIMIT = 'limit';
