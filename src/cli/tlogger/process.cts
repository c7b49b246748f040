/**
 * Runs tlogger.
 *
 * Compiled code is not kept by module.enableCompileCache(): by default that lies in /tmp, where another user could put
 * code for root.
 */

// Whatever ends without having come to a result has failed.
process.exitCode = 1;

void import('./main.ts').then(async ({ runLogger }) => {
  process.exitCode = await runLogger(process.argv);
});
