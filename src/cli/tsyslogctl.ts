#!/usr/bin/env node
/**
 * The program `tsyslogctl`.
 */
import { runControl } from './ctl-main.ts';

await runControl(process.argv.slice(2));
