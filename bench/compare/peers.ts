/**
 * The peers: rsyslog and inetutils-syslogd from Debian's packages, and programs available for Node.js today.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bsdLines, idleName, NOBODY } from './bsd-lines.ts';
import { run } from './command.ts';
import type { Ability, Daemon, Found, Setup } from './daemon.ts';
import { versionOf } from './daemons.ts';
import { INETUTILS, RSYSLOG } from './peer-names.ts';
import { type Unpacked, unpackPeer } from './packages.ts';
import { outPath, sourcePath } from './places.ts';

const RSYSLOG_UDP_BUFFER = '16m';
const RSYSLOG_CAN: ReadonlySet<Ability> = new Set([
  'log',
  'udp',
  'rules',
  'program-blocks',
  'host-blocks',
  'many-files',
  'long',
]);
/** It cuts messages at 1,024 bytes, and has no host blocks. */
const INETUTILS_CAN: ReadonlySet<Ability> = new Set(['log', 'udp', 'rules', 'program-blocks', 'many-files']);
const INSTALL_MS = 120_000;

const RSYSLOG_PROPERTY = { program: '$programname', host: '$hostname' } as const;

/** What its users write in place of blocks: one condition each, and one action for all files of a kind. */
function rsyslogRules({ dir, layout }: Setup): string {
  const { idle, spread, rules } = layout;
  if (spread !== null) {
    return `template(name="spread" type="string" string="${dir}/%programname:F,45:1%.log")
*.*;syslog.none action(type="omfile" dynaFile="spread" dynaFileCacheSize="1000" template="RSYSLOG_TraditionalFileFormat")
`;
  }
  const blocks = Array.from(
    { length: idle?.count ?? 0 },
    (_, i) =>
      `if ${RSYSLOG_PROPERTY[idle?.of ?? 'program']} == "${idleName(idle?.of ?? 'program', i)}" then :omusrmsg:${NOBODY}\n`,
  );
  return `${blocks.join('')}${rules.map((rule) => `${rule.selector}\t-${join(dir, rule.file)}\n`).join('')}`;
}

function rsyslogConfig(setup: Setup): string {
  const udp = `module(load="imudp" TimeRequery="8" BatchSize="128")
input(type="imudp" address="127.0.0.1" port="${setup.port}" rcvbufSize="${RSYSLOG_UDP_BUFFER}" RateLimit.Interval="0")
`;
  return `global(workDirectory="${setup.dir}" net.enableDNS="off" maxMessageSize="16k")
main_queue(queue.type="FixedArray" queue.size="100000" queue.dequeueBatchSize="1024")
module(load="imuxsock" SysSock.Use="off")
module(load="builtin:omfile" Template="RSYSLOG_TraditionalFileFormat")
input(type="imuxsock" Socket="${setup.socket}" RateLimit.Interval="0" UseSpecialParser="on")
${setup.port === null ? '' : udp}${rsyslogRules(setup)}`;
}

export async function findRsyslog(): Promise<Found> {
  const peer: Unpacked = await unpackPeer('rsyslog', 'usr/sbin/rsyslogd');
  if (!peer.ok) return { name: RSYSLOG, reason: peer.reason };
  const program = join(peer.root, 'usr/sbin/rsyslogd');
  const modules = peer.libraries.split(':').map((folder) => join(folder, 'rsyslog'));
  const daemon: Daemon = {
    name: RSYSLOG,
    version: await versionOf(program, '-v', peer.libraries),
    role: 'peer',
    can: RSYSLOG_CAN,
    config: rsyslogConfig,
    command: (setup, configFile) => ({
      program,
      args: ['-n', '-x', '-C', '-M', modules.join(':'), '-f', configFile, '-i', join(setup.dir, 'pid')],
      env: { LD_LIBRARY_PATH: peer.libraries },
    }),
  };
  return { daemon };
}

export async function findInetutils(): Promise<Found> {
  const name = INETUTILS;
  const peer = await unpackPeer(name, 'usr/sbin/syslogd');
  if (!peer.ok) return { name, reason: peer.reason };
  const program = join(peer.root, 'usr/sbin/syslogd');
  const daemon: Daemon = {
    name,
    version: await versionOf(program, '--version', peer.libraries),
    role: 'peer',
    can: INETUTILS_CAN,
    config: bsdLines,
    command: (setup, configFile) => ({
      program,
      args: [
        ...['-n', '--no-klog', '-m', '0', '-f', configFile, '-D', join(setup.dir, 'none')],
        ...['-p', setup.socket, '-P', join(setup.dir, 'pid')],
        ...(setup.port === null ? [] : ['-r', '-4', '-b', '127.0.0.1', '-B', String(setup.port)]),
      ],
      env: { LD_LIBRARY_PATH: peer.libraries },
    }),
  };
  return { daemon };
}

/** Fetches the packages in bench/package.json. @returns their folder, or the error */
export async function fetchNodePackages(): Promise<{ folder: string } | { reason: string }> {
  const folder = outPath('bench', 'packages');
  const wanted = readFileSync(sourcePath('bench', 'package.json'), 'utf8');
  const file = join(folder, 'package.json');
  const marker = join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(marker) && existsSync(file) && readFileSync(file, 'utf8') === wanted) return { folder };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, wanted);
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const { ok, stderr } = await run('npm', args, { cwd: folder, timeout: INSTALL_MS });
  return ok ? { folder } : { reason: `npm install failed: ${stderr.trim().split('\n').at(-1)}` };
}

/** A syslog server built from a package for Node.js as in its README; UDP only, one file. */
export async function findNodePackage(name: string): Promise<Found> {
  const fetched = await fetchNodePackages();
  if ('reason' in fetched) return { name, reason: fetched.reason };
  const installed: unknown = JSON.parse(
    readFileSync(join(fetched.folder, 'node_modules', name, 'package.json'), 'utf8'),
  );
  const version =
    typeof installed === 'object' && installed !== null && 'version' in installed ? installed.version : '?';
  const daemon: Daemon = {
    name,
    version: String(version),
    role: 'node-package',
    can: new Set(['udp']),
    config: () => '',
    command: ({ dir, port, layout }) => ({
      program: process.execPath,
      args: [
        ...[outPath('bench', 'node-packages', 'server.js'), fetched.folder, name],
        ...[String(port), join(dir, layout.rules[0]?.file ?? 'all.log')],
      ],
    }),
  };
  return { daemon };
}
