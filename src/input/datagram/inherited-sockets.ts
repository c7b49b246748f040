/**
 * Sockets that were open when this process started: passed by a service manager, or handed over by the previous
 * process. Each is taken once; those that are no longer wanted remain.
 */
import { closePassed, identifySocket, type PassedSocket } from '../../sys/socket/passed-socket.ts';
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import type { SocketRecord } from '../shared-socket.ts';

export interface InheritedSocket {
  readonly fd: number;
  readonly record: SocketRecord;
}

/** A socket passed by the service manager. */
export interface ManagedSocket {
  readonly name: string;
  readonly socket: Exclude<PassedSocket, { readonly kind: 'other' }>;
}

/** A log socket made by the previous process. */
export interface InheritedLog {
  readonly fd: number;
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
}

/** A UDP socket bound by the previous process. */
export interface InheritedUdp {
  readonly fd: number;
  readonly to: InetAddress;
  readonly iface: string | null;
  /** As in {@link SocketRecord}. */
  readonly host: string | null;
}

export class InheritedSockets {
  readonly managed: readonly ManagedSocket[];
  readonly #logs: InheritedLog[] = [];
  readonly #udps: InheritedUdp[] = [];

  /** @param refuse called with one line for each descriptor that is of no use here; it is closed */
  constructor(sockets: readonly InheritedSocket[], refuse: (text: string) => void) {
    const managed: ManagedSocket[] = [];
    for (const { fd, record } of sockets) {
      if (record.kind === 'log') this.#logs.push({ ...record, fd });
      else if (record.kind === 'udp') this.#udps.push({ ...record, fd });
      else {
        const socket = identifySocket(fd);
        if (socket.kind !== 'other') managed.push({ name: record.name, socket });
        else {
          closePassed(fd);
          const which = `${fd}${spell(record.name)}`;
          const expected = 'expected a Unix datagram or UDP socket';
          refuse(`ignoring descriptor ${which} from the service manager: ${socket.what}: ${expected}`);
        }
      }
    }
    this.managed = managed;
  }

  /** @returns the log socket made at `path`, or undefined */
  takeLog(path: string): InheritedLog | undefined {
    return take(this.#logs, (log) => log.path === path);
  }

  /** @returns the UDP socket bound as asked, or undefined */
  takeUdp(to: InetAddress, iface: string | null): InheritedUdp | undefined {
    return take(
      this.#udps,
      (udp) =>
        udp.iface === iface &&
        udp.to.family === to.family &&
        udp.to.address === to.address &&
        udp.to.port === to.port &&
        udp.to.scopeId === to.scopeId,
    );
  }

  /** @returns the addresses of the UDP sockets that were bound for a host name; they are not taken yet */
  addressesOf(host: string, port: number, iface: string | null): readonly string[] {
    const named = this.#udps.filter((udp) => udp.host === host && udp.to.port === port && udp.iface === iface);
    return named.map(({ to }) => to.address);
  }

  /** Takes the remaining log sockets. */
  takeOtherLogs(): readonly InheritedLog[] {
    return this.#logs.splice(0);
  }

  /** Takes the remaining UDP sockets. */
  takeOtherUdp(): readonly InheritedUdp[] {
    return this.#udps.splice(0);
  }
}

function take<T>(from: T[], wanted: (item: T) => boolean): T | undefined {
  const idx = from.findIndex(wanted);
  return idx === -1 ? undefined : from.splice(idx, 1)[0];
}

function spell(name: string): string {
  return name === '' || name === 'unknown' ? '' : ` ("${name}")`;
}
