/**
 * Runs tsyslogctl.
 */

// An exit before there is a result is a failure.
process.exitCode = 1;

void import('./main.ts').then(({ runControl }) => runControl(process.argv.slice(2)));
