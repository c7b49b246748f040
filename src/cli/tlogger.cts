#!/usr/bin/env node
/**
 * The program `tlogger`.
 */
module.require('./check-node.cjs');
module.require('./tlogger/process.cjs');
