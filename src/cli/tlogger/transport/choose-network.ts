/**
 * Chooses how messages are sent, and loads that only.
 */
import { sendingLibc } from '../../../sys/sending/sending-libc.ts';
import type { Network } from './connection.ts';
import { NativeNetwork } from './native-network.ts';

export interface NetworkOptions {
  /** Messages to Unix sockets are from this process; 0: from this one. */
  readonly pid: number;
  /** Null: nobody asks whether messages are taken. */
  readonly waitMs: number | null;
}

export async function chooseNetwork({ pid, waitMs }: NetworkOptions): Promise<Network> {
  if (sendingLibc() === null) return new (await import('./portable-network.ts')).PortableNetwork();
  const delivery = waitMs === null ? null : (await import('./delivery.ts')).createDelivery(waitMs);
  return new NativeNetwork({ asPid: () => (mayBe(pid) ? pid : 0), delivery });
}

/** Root may send in the name of a process that there is. Source: unix(7), SCM_CREDENTIALS. */
function mayBe(pid: number): boolean {
  if (pid === 0 || pid === process.pid || process.geteuid?.() !== 0) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
