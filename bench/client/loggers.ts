/**
 * What programs for Node.js log with, each as its manual shows it, behind one function.
 *
 * The packages are those that bench/package.json names, in a folder of the build.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { outPath } from '../compare/places.ts';

/** Logs one message of the level `info`. */
export type Log = (text: string) => void;

export interface Places {
  /** With node_modules. */
  readonly packages: string;
  readonly socket: string;
  /** UDP, on 127.0.0.1. */
  readonly port: number;
}

type Open = (places: Places, load: (name: string) => Dynamic) => Promise<Log> | Log;

/** A value of a package without types. */
interface Dynamic {
  readonly get: (name: string) => Dynamic;
  readonly call: (...args: readonly unknown[]) => Dynamic;
  readonly make: (...args: readonly unknown[]) => Dynamic;
  readonly value: unknown;
}

function dynamic(value: unknown, owner?: unknown): Dynamic {
  const isCallable = (what: unknown): what is (...args: readonly unknown[]) => unknown => typeof what === 'function';
  return {
    value,
    get: (name) =>
      dynamic(
        typeof value === 'object' || typeof value === 'function' ? Reflect.get(Object(value), name) : undefined,
        value,
      ),
    call: (...args) => dynamic(isCallable(value) ? Reflect.apply(value, owner, args) : undefined),
    make: (...args) => dynamic(isCallable(value) ? Reflect.construct(value, args) : undefined),
  };
}

function infoOf(logger: Dynamic): Log {
  const info = logger.get('info');
  return (text) => void info.call(text);
}

async function openSyslog(): Promise<Log> {
  const { LOG_INFO, LOG_PID, LOG_USER, openlog, syslog } = await import('../../src/client/index.ts');
  openlog('bench', LOG_PID, LOG_USER);
  return (text) => syslog(LOG_INFO, '%s', text);
}

async function openClient({ socket }: Places): Promise<Log> {
  const { SyslogClient } = await import('../../src/client/index.ts');
  const client = new SyslogClient({ ident: 'bench', path: socket });
  return (text) => void client.info(text);
}

const OPEN: Readonly<Record<string, Open>> = {
  'syslog()': openSyslog,
  SyslogClient: openClient,
  'pino, ours': async ({ socket }, load) => {
    const { pinoDestination } = await import('../../src/client/pino/pino.ts');
    return infoOf(load('pino').call(pinoDestination({ ident: 'bench', path: socket })));
  },
  'winston, ours': async ({ socket }, load) => {
    const { SyslogTransport } = await import('../../src/client/winston/winston.ts');
    const transport = new SyslogTransport({ ident: 'bench', path: socket });
    return infoOf(
      load('winston')
        .get('createLogger')
        .call({ transports: [transport] }),
    );
  },
  'unix-dgram': ({ socket }, load) => {
    const client = load('unix-dgram').get('createSocket').call('unix_dgram');
    client.get('on').call('error', () => undefined);
    client.get('connect').call(socket);
    const send = client.get('send');
    return (text) => void send.call(Buffer.from(`<14>${new Date().toString().slice(4, 24)} bench: ${text}`));
  },
  'winston-syslog': ({ socket }, load) => {
    const transport = load('winston-syslog').get('Syslog').make({ protocol: 'unix', path: socket, app_name: 'bench' });
    transport.get('on').call('error', () => undefined);
    return infoOf(
      load('winston')
        .get('createLogger')
        .call({
          levels: load('winston').get('config').get('syslog').get('levels').value,
          transports: [transport.value],
        }),
    );
  },
  'pino-syslog': ({ port, packages }, load) => {
    const find = (name: string): string => createRequire(join(packages, 'x.js')).resolve(name);
    const pipeline = [
      { target: find('pino-syslog'), options: { appname: 'bench', messageOnly: true } },
      { target: find('pino-socket'), options: { address: '127.0.0.1', port, mode: 'udp' } },
    ];
    return infoOf(load('pino').call(load('pino').get('transport').call({ pipeline }).value));
  },
};

export const LOGGERS: readonly string[] = Object.keys(OPEN);

/** @throws where the package cannot be loaded */
export async function openLogger(name: string, places: Places): Promise<Log> {
  const open = OPEN[name];
  if (open === undefined) throw new RangeError(`unknown logger ${name}`);
  const require = createRequire(join(places.packages, 'x.js'));
  const own = createRequire(outPath('x.js'));
  return await open(places, (wanted) => {
    // Compiled with the project.
    const value: unknown = wanted === 'unix-dgram' ? own(wanted) : require(wanted);
    return dynamic(value);
  });
}
