/**
 * A daemon on a machine that seems to be another one: named `here.example.org`, with its own /etc/hosts,
 * /etc/resolv.conf and /etc/nsswitch.conf, in its own network, where every address of 203.0.113.0/24 can send and none
 * is its own. Needs root, unshare(1), nsenter(1), ip(8).
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cleanUp, TestDaemon } from './daemon.ts';
import { type NameTable, tableLines } from './names-peer.ts';
import { builtPath } from './project.ts';
import { until } from './until.ts';

const HELPER = builtPath('test', 'support', 'names-peer.js');
const FILES = ['hosts', 'resolv.conf', 'nsswitch.conf'];

/** $1: folder of the files. Name caches outside must not be asked. */
const SCRIPT = `
set -e
dir=$1; shift
mount --make-rprivate /
for file in ${FILES.join(' ')}; do mount --bind "$dir/$file" "/etc/$file"; done
for cache in /run/nscd /run/systemd/resolve; do [ ! -d $cache ] || mount -t tmpfs none $cache; done
echo here.example.org > /proc/sys/kernel/hostname
ip link set lo up
ip route add local 203.0.113.0/24 dev lo
exec "$@"
`;
const UNSHARE = ['unshare', '-m', '-n', '-u', 'bash', '-c', SCRIPT, 'own-names'];

/** Why this cannot be done here, or false. */
export function ownNamesMissing(): string | false {
  if (process.getuid?.() !== 0) return 'needs root for a hosts file of its own';
  const missing = FILES.find((file) => !existsSync(`/etc/${file}`));
  if (missing !== undefined) return `there is no /etc/${missing} to put another one over`;
  const tried = spawnSync('unshare', ['-m', '-n', '-u', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  return tried.status === 0 ? false : `namespaces cannot be made here: ${tried.error?.message ?? tried.stderr.trim()}`;
}

export interface OwnNames {
  readonly daemon: TestDaemon;
  /** Sends datagrams to the daemon, from addresses of 203.0.113.0/24 or 127.0.0.0/8. */
  readonly send: (...datagrams: readonly (readonly [address: string, datagram: string])[]) => void;
}

export interface OwnNamesOptions {
  readonly hosts: string;
  readonly names: NameTable;
  readonly conf: string;
  readonly args?: readonly string[];
  /** `options` of resolv.conf(5). */
  readonly resolver?: string;
}

const PORT = 5514;

/** Starts the daemon and its name server. */
export async function startOwnNames(context: TestContext, options: OwnNamesOptions): Promise<OwnNames> {
  const dir = TestDaemon.folder(context);
  writeFileSync(join(dir, 'hosts'), options.hosts);
  writeFileSync(
    join(dir, 'resolv.conf'),
    `nameserver 127.0.0.1\noptions ${options.resolver ?? 'timeout:1 attempts:1'}\n`,
  );
  writeFileSync(join(dir, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n');
  const args = ['-b', `127.0.0.1:${PORT}`, ...(options.args ?? [])];
  const daemon = await TestDaemon.start(
    context,
    { conf: options.conf, args, wrapper: [...UNSHARE, dir], resolveNames: true },
    dir,
  );
  const enter = ['-n', '-t', `${daemon.child.pid}`, process.execPath, HELPER];
  const server = spawn('nsenter', [...enter, 'serve', ...tableLines(options.names)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => server.on('close', resolve));
  cleanUp(context, async () => {
    server.kill();
    await ended;
  });
  let said = '';
  server.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await until('the name server answers', () => said.includes('ready'));
  return {
    daemon,
    send: (...datagrams) => {
      const done = spawnSync('nsenter', [...enter, 'send', `${PORT}`, ...datagrams.flat()], { encoding: 'utf8' });
      assert.equal(done.stdout, 'sent\n', done.stderr);
    },
  };
}
