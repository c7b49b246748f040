#!/usr/bin/env node
/**
 * The program `tsyslogd`.
 */
import { runDaemon } from './run-daemon.ts';

await runDaemon(process.argv.slice(2));
