/**
 * A syslog server built from a package for Node.js, as in its README: each message becomes a line of a file. Usage:
 * node server.js PACKAGES NAME PORT FILE
 */
import { createWriteStream } from 'node:fs';
import { asFunction, loadPackage, method } from './load.ts';

/** The message passed by syslog-server. */
interface RawMessage {
  readonly date: Date;
  readonly host: string;
  readonly message: string;
}

/** The message passed by simple-syslog-server. */
interface ParsedMessage {
  readonly timestamp: Date;
  readonly hostname: string;
  readonly tag: string;
  readonly msg: string;
}

const [packages = '', name = '', port, path = ''] = process.argv.slice(2);
const file = createWriteStream(path, { flags: 'a' });
const address = '127.0.0.1';

function isRaw(message: unknown): message is RawMessage {
  return typeof message === 'object' && message !== null && 'date' in message;
}

function isParsed(message: unknown): message is ParsedMessage {
  return typeof message === 'object' && message !== null && 'timestamp' in message;
}

switch (name) {
  case 'syslog-server': {
    const server: unknown = Reflect.construct(asFunction(loadPackage(packages, name)), []);
    method(server, 'on')('message', (value: unknown) => {
      if (isRaw(value)) file.write(`${value.date.toJSON()} ${value.host} ${value.message}\n`);
    });
    method(server, 'start')({ port: Number(port), address, exclusive: true });
    break;
  }
  case 'simple-syslog-server': {
    const server = method(loadPackage(packages, name), 'UDP')({ type: 'udp4' });
    method(server, 'on')('msg', (data: unknown) => {
      if (isParsed(data)) file.write(`${data.timestamp.toJSON()} ${data.hostname} ${data.tag}: ${data.msg}\n`);
    });
    method(server, 'on')('invalid', () => undefined);
    method(server, 'listen')({ host: address, port: Number(port) });
    break;
  }
  default:
    process.stderr.write(`unknown package "${name}"\n`);
    process.exitCode = 2;
}
