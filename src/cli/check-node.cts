/**
 * Ends a program with one line if Node.js is too old for it. It must be loaded before anything else and, like the files
 * that load it, is written so that Node.js 6 understands it.
 */
{
  /** As in `engines` of package.json. */
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
