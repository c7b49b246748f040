/**
 * A syslog server made of a package for Node.js, as its README shows: each message becomes a line of a file.
 * Plain JavaScript, as its user would write it. Usage: node server.cjs PACKAGES NAME PORT FILE
 */
'use strict';
const { createWriteStream } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [packages, name, port, path] = process.argv.slice(2);
const load = createRequire(join(packages, 'package.json'));
const file = createWriteStream(path, { flags: 'a' });

switch (name) {
  case 'syslog-server': {
    const SyslogServer = load('syslog-server');
    const server = new SyslogServer();
    server.on('message', (value) => {
      file.write(`${value.date.toJSON()} ${value.host} ${value.message}\n`);
    });
    server.start({ port: Number(port), address: '127.0.0.1', exclusive: true });
    break;
  }
  case 'simple-syslog-server': {
    const Syslog = load('simple-syslog-server');
    Syslog.UDP({ type: 'udp4' })
      .on('msg', (data) => {
        file.write(`${data.timestamp.toJSON()} ${data.hostname} ${data.tag}: ${data.msg}\n`);
      })
      .on('invalid', () => undefined)
      .listen({ host: '127.0.0.1', port: Number(port) });
    break;
  }
  default:
    process.stderr.write(`unknown package "${name}"\n`);
    process.exitCode = 2;
}
