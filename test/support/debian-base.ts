/**
 * The root directory of a small Debian with systemd, created once and kept outside the project, in
 * `$XDG_CACHE_HOME/tsyslogd-test` or `/var/cache/tsyslogd-test`. It is only read: a machine writes to a layer above it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** To test with another systemd, `TSYSLOGD_TEST_DEBIAN=trixie`. */
const SUITE = process.env['TSYSLOGD_TEST_DEBIAN'] ?? 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
/** What machines need: systemd, another syslog daemon, and the library that Node.js is linked with. */
const PACKAGES = 'systemd,systemd-sysv,dbus,rsyslog,libstdc++6,procps';
/** Less than a test file may take to start. */
const PATIENCE_MS = 150_000;

/**
 * Arguments: the folder to create. Other processes wait for the lock and then find it. It gets its name only when
 * complete, so an existing one is always whole. Runs in its own namespaces: what debootstrap starts and mounts
 * disappears with it.
 */
const SCRIPT = `
set -e
exec 9>"$1.lock"
flock 9
[ ! -e "$1" ] || exit 0
mount --make-rprivate /
rm -rf --one-file-system "$1.new"
debootstrap --variant=minbase --include=${PACKAGES} ${SUITE} "$1.new" ${MIRROR}
cd "$1.new"
rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* usr/share/doc usr/share/man usr/share/locale
# The machine gets its name from outside, and nothing but its journal runs that nobody asked for.
rm -f etc/hostname etc/systemd/system/syslog.service etc/systemd/system/multi-user.target.wants/rsyslog.service
rm -f etc/systemd/system/timers.target.wants/* etc/systemd/system/getty.target.wants/*
ln -s /dev/null etc/systemd/system/console-getty.service
rm -f var/log/*.log var/log/syslog
mv "$1.new" "$1"
`;

/** Where it is, or why it cannot be created here. */
export type DebianBase = { readonly path: string } | { readonly missing: string };

/** Creates it if it does not exist yet, which takes about a minute on a quiet machine. */
export function debianBase(patienceMs = PATIENCE_MS): DebianBase {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? '/var/cache', 'tsyslogd-test');
  const version = createHash('sha256').update(SCRIPT).digest('hex').slice(0, 12);
  const path = join(folder, `${SUITE}-${version}`);
  if (existsSync(path)) return { path };
  if (spawnSync('debootstrap', ['--version']).error !== undefined) return { missing: 'debootstrap is not installed' };
  mkdirSync(folder, { recursive: true });
  const isolated = ['unshare', '-m', '-p', '-f', '--kill-child=SIGKILL', '--mount-proc', 'bash', '-c', SCRIPT];
  const made = spawnSync('setpriv', ['--pdeathsig', 'KILL', ...isolated, 'debian-base', path], {
    encoding: 'utf8',
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  if (existsSync(path)) return { path };
  if (made.signal !== null)
    return { missing: `debootstrap took longer than ${patienceMs / 1000} s: node build/test/support/make-debian.js` };
  const said = `${made.stdout}${made.stderr}`.trim().split('\n').at(-1) ?? '';
  return { missing: `debootstrap cannot make a Debian ${SUITE} here: ${said}` };
}
