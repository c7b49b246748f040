#!/usr/bin/env node
/**
 * The program `tsyslogctl`.
 */
module.require('./check-node.cjs');
module.require('./tsyslogctl/process.cjs');
