/**
 * Finds the program that receives on a log socket and suggests what the operator can do about it.
 */
import { realpathSync } from 'node:fs';
import { inRoot } from '../../sys/call/root-directory.ts';
import { findSocketOwner } from '../../sys/socket/socket-owner.ts';

/** Sockets of systemd-journald(8), including the target of /dev/log and that of syslog.socket. */
const JOURNAL_FOLDER = '/run/systemd/journal/';
/** The socket of syslog.socket, to which journald forwards: open for the daemon that is syslog.service. */
const FORWARD_SOCKET = `${JOURNAL_FOLDER}syslog`;
const STOP_IT = 'stop it, or choose another path with -p';
const USE_UNIT = 'run tsyslogd as a unit, etc/systemd/tsyslogd.service, which gets messages from journald';
const ENABLE_UNIT =
  'disable the unit that is now syslog.service, if any, then run systemctl enable --now tsyslogd.service';

/** @returns e.g. `rsyslogd, pid 123, listens there: stop it, or choose another path with -p` */
export function describeListener(path: string): string {
  const owner = findSocketOwner(inRoot(path));
  const who = owner === null ? 'another program' : `${owner.name}, pid ${owner.pid},`;
  return `${who} is listening on it: ${adviceFor(realPath(path))}`;
}

function adviceFor(path: string): string {
  if (path === FORWARD_SOCKET) return ENABLE_UNIT;
  return path.startsWith(JOURNAL_FOLDER) ? USE_UNIT : STOP_IT;
}

function realPath(path: string): string {
  try {
    return realpathSync(inRoot(path));
  } catch {
    return path;
  }
}
