/**
 * Names of what tsyslogd is compared with, as results have them.
 */
export const RSYSLOG = 'rsyslog';
export const INETUTILS = 'inetutils-syslogd';
export const LIMIT = 'limit';
