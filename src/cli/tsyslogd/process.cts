/**
 * Prepares the process, then runs the daemon. CommonJS, since none of this may wait until modules are loaded:
 * reading them already uses the thread pool. Source: libuv, "Thread pool work scheduling".
 */
const POOL_VARIABLE = 'UV_THREADPOOL_SIZE';
/** A write to a hung disk occupies its thread; with the usual four, four such files would stop all others. */
const POOL_SIZE = '16';

// Before the daemon handles these signals and after it has stopped, they must neither kill it nor, as Node.js does for
// SIGUSR1, start a debugger: a write to a pipe may still be in progress then.
for (const name of ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGALRM'] as const) process.on(name, () => undefined);

async function makeThreads(): Promise<void> {
  if (process.env[POOL_VARIABLE] !== undefined) return;
  const { stat } = await import('node:fs');
  process.env[POOL_VARIABLE] = POOL_SIZE;
  // The first request creates all threads at once; commands must not inherit the variable.
  stat('/', () => undefined);
  delete process.env[POOL_VARIABLE];
}

async function load(): Promise<(argv: readonly string[]) => Promise<void>> {
  const { hasFewDescriptors, loadOneByOne } = await import('../command-line/load-one-by-one.ts');
  if (hasFewDescriptors()) await loadOneByOne(`${__dirname}/run-daemon.js`);
  return (await import('./run-daemon.ts')).runDaemon;
}

void makeThreads()
  .then(load)
  .then(
    (runDaemon) => runDaemon(process.argv.slice(2)),
    (error: unknown) => {
      // Too few descriptors, for example, or a package that is not installed.
      process.stderr.write(
        `tsyslogd: cannot load the program: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      process.exitCode = 1;
    },
  );
