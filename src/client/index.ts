/**
 * `tsyslogd/client`: for programs that send to the log daemon of this machine, whichever that is. It loads nothing of
 * the daemon of this package. See docs/client.md.
 */
export { closelog, openlog, setlogmask, syslog, withErrno } from './classic.ts';
export * from './constants.ts';
export type { StructuredData } from './message/structured.ts';
export type { ClientOptions, Facility, Level } from './options.ts';
export { type Counters, type Message, SyslogClient } from './syslog-client.ts';
