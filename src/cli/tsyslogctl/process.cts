/**
 * Runs tsyslogctl.
 */

// Whatever ends without having come to a result has failed.
process.exitCode = 1;

void import('./main.ts').then(({ runControl }) => runControl(process.argv.slice(2)));
