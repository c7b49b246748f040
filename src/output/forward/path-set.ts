/**
 * The addresses of one target in the order in which they are tried, and which of them are used: the first that works,
 * or all (`-A`).
 */
import type { InetAddress } from '../../sys/socket/sockaddr.ts';
import type { ForwardPath } from './forward-path.ts';
import type { PathHealth } from './path-health.ts';

export class PathSet {
  readonly #usesAll: boolean;
  /** Health of the whole target. */
  readonly #health: PathHealth;
  readonly #create: (to: InetAddress) => ForwardPath;
  #paths: readonly ForwardPath[] = [];
  #current = 0;

  constructor(usesAll: boolean, health: PathHealth, create: (to: InetAddress) => ForwardPath) {
    this.#usesAll = usesAll;
    this.#health = health;
    this.#create = create;
  }

  get all(): readonly ForwardPath[] {
    return this.#paths;
  }

  /** The one to try now, if only one is used; undefined: none. */
  get current(): ForwardPath | undefined {
    return this.#paths[this.#current];
  }

  /** Those in use. */
  get active(): readonly ForwardPath[] {
    if (this.#usesAll) return this.#paths;
    return this.#paths.slice(this.#current, this.#current + 1);
  }

  /** Those of the target, and of each address that has its own. */
  get healths(): readonly PathHealth[] {
    if (!this.#usesAll) return [this.#health];
    return [this.#health, ...this.#paths.map(({ health }) => health)];
  }

  /** The target has these addresses from now on. Those it already had keep their links. */
  replace(wanted: readonly InetAddress[]): void {
    const used = this.current;
    const paths = wanted.map((to) => this.#paths.find((path) => isSame(path.to, to)) ?? this.#create(to));
    for (const path of this.#paths) if (!paths.includes(path)) this.#retire(path);
    this.#current = Math.max(0, used === undefined ? 0 : paths.indexOf(used));
    this.#paths = paths;
    for (const path of this.active) path.renew();
  }

  /** Turns to the next address. */
  next(): void {
    this.#current = (this.#current + 1) % this.#paths.length;
  }

  /** Leaves a peer that refuses for another address, if only one is used. @returns whether one has refused */
  leaveRefused(): boolean {
    const refused = this.active.filter((path) => path.refused);
    for (const path of refused) path.refused = false;
    if (refused.length > 0 && !this.#usesAll) this.next();
    return refused.length > 0;
  }

  close(): void {
    for (const path of this.#paths) path.close();
  }

  /** Closes a path that is no longer used, and ends the reports of its own account. */
  #retire(path: ForwardPath): void {
    path.close();
    if (path.health === this.#health) return;
    path.health.account.recover();
    path.health.account.settle();
  }
}

function isSame(a: InetAddress, b: InetAddress): boolean {
  return a.address === b.address && a.port === b.port;
}
