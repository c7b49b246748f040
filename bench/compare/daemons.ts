/**
 * The daemons compared: how each is found, configured and started in a folder of its own.
 *
 * Each gets the settings that its users would give it for speed, none that the others cannot have: no sync, no
 * rate limit, no name resolution where it can be switched off, a receive buffer for UDP where it can be set.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, run } from './command.ts';
import { type Unpacked, unpackPeer } from './packages.ts';
import { outPath, sourcePath } from './places.ts';
import type { Rule } from './rules.ts';

/** What a daemon is started with. */
export interface Setup {
  /** Its folder, current when it starts. */
  readonly dir: string;
  readonly socket: string;
  /** UDP port on 127.0.0.1, or null for none. */
  readonly port: number | null;
  readonly rules: readonly Rule[];
}

export interface Daemon {
  readonly name: string;
  readonly version: string;
  /** Does nothing but receive and write: one file, one input, no priority taken off. */
  readonly isLimit: boolean;
  readonly config: (setup: Setup) => string;
  readonly command: (setup: Setup, configFile: string) => Command;
}

/** A daemon, or why it takes no part. */
export type Found = { readonly daemon: Daemon } | { readonly name: string; readonly reason: string };

const RSYSLOG_UDP_BUFFER = '16m';

function ruleLines(setup: Setup): string {
  return setup.rules.map((rule) => `${rule.selector}\t-${join(setup.dir, rule.file)}\n`).join('');
}

async function versionOf(program: string, arg: string, libraries: string): Promise<string> {
  const { stdout } = await run(program, [arg], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
  return /\d+\.\d[\w.]*/.exec(stdout)?.[0] ?? '?';
}

/** The daemon of this project, as built beside this file. */
export async function findTsyslogd(): Promise<Found> {
  const program = outPath('src', 'cli', 'tsyslogd.cjs');
  const { ok, stdout, stderr } = await run(process.execPath, [program, '--version']);
  if (!ok) return { name: 'tsyslogd', reason: stderr.trim().split('\n').at(-1) ?? 'it does not start' };
  const daemon: Daemon = {
    name: 'tsyslogd',
    version: /\d+\.\d[\w.]*/.exec(stdout)?.[0] ?? '?',
    isLimit: false,
    config: ruleLines,
    command: (setup, configFile) => ({
      program: process.execPath,
      args: [
        ...process.execArgv,
        program,
        ...['-F', '-K', '-n', '-m', '0', '-f', configFile, '-p', setup.socket, '-P', join(setup.dir, 'pid')],
        ...(setup.port === null ? ['-ss'] : ['-b', `127.0.0.1:${setup.port}`]),
      ],
    }),
  };
  return { daemon };
}

function rsyslogConfig(setup: Setup): string {
  const udp = `module(load="imudp" TimeRequery="8" BatchSize="128")
input(type="imudp" address="127.0.0.1" port="${setup.port}" rcvbufSize="${RSYSLOG_UDP_BUFFER}" RateLimit.Interval="0")
`;
  return `global(workDirectory="${setup.dir}" net.enableDNS="off")
main_queue(queue.type="FixedArray" queue.size="100000" queue.dequeueBatchSize="1024")
module(load="imuxsock" SysSock.Use="off")
module(load="builtin:omfile" Template="RSYSLOG_TraditionalFileFormat")
input(type="imuxsock" Socket="${setup.socket}" RateLimit.Interval="0" UseSpecialParser="on")
${setup.port === null ? '' : udp}${ruleLines(setup)}`;
}

export async function findRsyslog(): Promise<Found> {
  const peer: Unpacked = await unpackPeer('rsyslog', 'usr/sbin/rsyslogd');
  if (!peer.ok) return { name: 'rsyslog', reason: peer.reason };
  const program = join(peer.root, 'usr/sbin/rsyslogd');
  const modules = peer.libraries.split(':').map((folder) => join(folder, 'rsyslog'));
  const daemon: Daemon = {
    name: 'rsyslog',
    version: await versionOf(program, '-v', peer.libraries),
    isLimit: false,
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
  const name = 'inetutils-syslogd';
  const peer = await unpackPeer(name, 'usr/sbin/syslogd');
  if (!peer.ok) return { name, reason: peer.reason };
  const program = join(peer.root, 'usr/sbin/syslogd');
  const daemon: Daemon = {
    name,
    version: await versionOf(program, '--version', peer.libraries),
    isLimit: false,
    config: ruleLines,
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

/** Compiles the program of bench/load/limit.c, where there is a compiler. */
export async function findLimit(): Promise<Found> {
  const program = outPath('bench', 'load', 'limit');
  mkdirSync(dirname(program), { recursive: true });
  const { ok, stderr } = await run('cc', ['-O2', '-o', program, sourcePath('bench', 'load', 'limit.c')]);
  if (!ok) return { name: 'limit', reason: `cc failed: ${stderr.trim().split('\n').at(-1)}` };
  const daemon: Daemon = {
    name: 'limit',
    version: '',
    isLimit: true,
    config: () => '',
    command: (setup) => ({
      program,
      args: [
        ...(setup.port === null ? ['unix', setup.socket] : ['udp', String(setup.port)]),
        setup.rules[0] === undefined ? '-' : join(setup.dir, setup.rules[0].file),
      ],
    }),
  };
  return { daemon };
}
