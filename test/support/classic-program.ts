/**
 * As classic-program.c, with the functions of the client. Its name in messages is that of this file.
 */
import { closelog, openlog, setlogmask, syslog, withErrno } from '../../src/client/index.ts';

const words = process.argv.slice(2);
const next = (): string => words.shift() ?? '';

while (words.length > 0) {
  const word = next();
  if (word === 'open') {
    const ident = next();
    openlog(ident === '-' ? null : ident, Number(next()), Number(next()));
  } else if (word === 'log') syslog(Number(next()), '%s', next());
  else if (word === 'format') {
    const errno = Number(next());
    const error = Object.assign(new Error('of the test'), { errno: -errno });
    const log = (): void => syslog(Number(next()), next());
    if (errno === 0) log();
    else withErrno(error, log);
  } else if (word === 'long') syslog(Number(next()), '%s', 'x'.repeat(Number(next())));
  else if (word === 'mask') process.stdout.write(`${setlogmask(Number(next()))}\n`);
  else closelog();
}
