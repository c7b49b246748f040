/**
 * HOT PATH. Sends a chunk of records to the addresses of a target: to the first that works, or to all.
 */
import { errorText } from '../../sys/call/error-text.ts';
import type { Chunk } from '../../queue/chunk-pool.ts';
import { countRecords } from '../../queue/line-queue.ts';
import type { PathSet } from './path-set.ts';

/**
 * Why nothing was taken: a link is being opened, the system has no room for datagrams, or no address can be reached.
 */
export type Obstacle = 'opening' | 'full' | 'unreachable';

export interface Sender {
  /** Why the last {@link send} took nothing; null: it took something. */
  readonly obstacle: Obstacle | null;
  /** Error of the address tried last, if none can be reached. */
  readonly error: unknown;
  /** Never waits. @returns bytes sent, whole records */
  send(head: Chunk): number;
}

export class FirstThatWorks implements Sender {
  readonly #paths: PathSet;
  obstacle: Obstacle | null = null;
  error: unknown = null;

  constructor(paths: PathSet) {
    this.#paths = paths;
  }

  send(head: Chunk): number {
    this.obstacle = null;
    for (let tries = 0; tries < this.#paths.all.length; tries++) {
      const path = this.#paths.current;
      if (path === undefined) return 0;
      path.open();
      if (path.state === 'opening') return this.#stop('opening');
      const taken = path.send(head.bytes, head.begin, head.end);
      if (taken > 0) return taken;
      if (path.full) return this.#stop('full');
      this.error = path.error;
      this.#paths.next();
    }
    return this.#stop('unreachable');
  }

  #stop(obstacle: Obstacle): number {
    this.obstacle = obstacle;
    return 0;
  }
}

/** What one address does not take while another does is lost for that one, and reported by its own account. */
export class EveryAddress implements Sender {
  readonly #paths: PathSet;
  readonly #quietMs: number;
  obstacle: Obstacle | null = null;
  error: unknown = null;

  /** @param quietMs a failure is over after this time without another one */
  constructor(paths: PathSet, quietMs: number) {
    this.#paths = paths;
    this.#quietMs = quietMs;
  }

  send({ bytes, begin, end }: Chunk): number {
    this.obstacle = null;
    const paths = this.#paths.all;
    for (const path of paths) path.open();
    if (paths.some((path) => path.state === 'opening')) {
      this.obstacle = 'opening';
      return 0;
    }
    const taken = paths.map((path) => path.send(bytes, begin, end));
    const most = Math.max(...taken);
    for (const [idx, path] of paths.entries()) {
      const part = taken[idx] ?? 0;
      if (part === end - begin) continue;
      const lost = countRecords(bytes, begin + part, begin + most);
      if (path.full) path.health.account.lose(lost);
      else path.health.trouble(errorText(path.error), lost, this.#quietMs);
    }
    if (most > 0) return most;
    this.obstacle = paths.some((path) => path.full) ? 'full' : 'unreachable';
    this.error = paths[0]?.error;
    return 0;
  }
}
