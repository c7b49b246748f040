/**
 * `npm start`: runs the daemon in the foreground for a first look, as any user, away from the machine's own log socket;
 * prints first what to send and where to look.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText } from '../../sys/call/error-text.ts';
import { printStderr, printStdout } from '../../sys/print/print.ts';
import { EXIT } from './exit-status.ts';
import { runDaemon } from './run-daemon.ts';

const UDP = '127.0.0.1:5514';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const run = join(root, 'run');
const socket = join(run, 'log');

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

const GREETING = `tsyslogd runs in the foreground until Ctrl-C. Send it something from another terminal:

  logger -u ${shown(socket)} -t demo "hello over the log socket"
  logger -n 127.0.0.1 -P 5514 -d -p mail.err "hello over UDP"

Each message appears below and in ${shown(join(run, 'messages'))}. The rules are in ${shown(join(root, 'etc', 'quickstart.conf'))};
after a change: kill -HUP $(cat ${shown(join(run, 'tsyslogd.pid'))})

`;

/** Creates the folder and prints what to do. @returns whether it worked; if not, the reason is on stderr */
function prepare(): boolean {
  try {
    mkdirSync(run, { recursive: true });
    printStdout(GREETING);
    return true;
  } catch (error) {
    printStderr(`tsyslogd: cannot prepare "${run}": ${errorText(error)}\n`);
    return false;
  }
}

if (prepare())
  await runDaemon([
    ...['-F', '-n', '-K', '-f', join(root, 'etc', 'quickstart.conf')],
    ...['-p', socket, '-b', UDP, '-P', join(run, 'tsyslogd.pid')],
  ]);
else process.exitCode = EXIT.failed;
