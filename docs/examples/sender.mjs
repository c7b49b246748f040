#!/usr/bin/env node
/**
 * A program that logs:
 *
 *     node sender.mjs [PATH]
 *
 * PATH is the socket of the daemon, /dev/log unless it is given.
 */
import { SyslogClient } from 'tsyslogd/client';

const log = new SyslogClient({
  ident: 'shop',
  facility: 'local0',
  path: process.argv[2] ?? '/dev/log',
  onLoss: (count, reason) => console.error(`shop: ${count} messages lost: ${reason}`),
});

log.info('open for business');

// Structured data makes it a message of RFC 5424. 32473 stands for the number of your organization.
log.log({
  level: 'notice',
  text: 'order taken',
  msgid: 'ORDER',
  sd: { 'order@32473': { id: '4711', items: '3' } },
});

// false: it waits for the daemon. Only who logs faster than the daemon writes needs to look.
for (let i = 0; i < 1000; i++) if (!log.debug(`item ${i} counted`)) await log.flush();

try {
  JSON.parse('{');
} catch (error) {
  log.err(`order not read: ${error.message}`);
}

// Not needed: what waits is sent when the program ends, by process.exit() too.
await log.close();
