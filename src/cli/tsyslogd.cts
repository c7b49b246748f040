#!/usr/bin/env node
/**
 * The program `tsyslogd`.
 */
module.require('./check-node.cjs');
module.require('./tsyslogd/process.cjs');
