/**
 * Ends a program that is run by a Node.js that is too old for it, with one line. It has to be loaded before anything
 * else, and like the files that load it it is written so that Node.js 6 understands it.
 */
{
  /** Of `engines` in package.json. */
  const OLDEST_MAJOR = 20;
  const OLDEST_MINOR = 19;
  const version = process.versions.node.split('.').map(Number);
  const major = version[0] || 0;
  const minor = version[1] || 0;
  if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
    const found = /(tsyslogctl|tlogger)[^/]*$/.exec(process.argv[1] || '');
    const name = found ? found[1] : 'tsyslogd';
    const expected = `expected ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer`;
    process.stderr.write(`${name}: Node.js ${process.versions.node} is too old: ${expected}\n`);
    process.exit(1);
  }
}
