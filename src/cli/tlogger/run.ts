/**
 * Runs tlogger with the arguments of this process. Loading it is running it.
 */
import { runLogger } from './main.ts';

void runLogger(process.argv).then((status) => {
  process.exitCode = status;
});
