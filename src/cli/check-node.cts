/**
 * Ends a program that is run by a Node.js that is too old for it, with one line. It has to be loaded before anything
 * else, and like the files that load it it is written so that Node.js 6 understands it.
 */
{
  /** Of `engines` in package.json. */
  const OLDEST_MAJOR = 20;
  const OLDEST_MINOR = 19;
  const found = process.versions.node.split('.').map(Number);
  const major = found[0] || 0;
  const minor = found[1] || 0;
  if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
    const name = /tsyslogctl[^/]*$/.test(process.argv[1] || '') ? 'tsyslogctl' : 'tsyslogd';
    const expected = `expected ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer`;
    process.stderr.write(`${name}: Node.js ${process.versions.node} is too old: ${expected}\n`);
    process.exit(1);
  }
}
