/**
 * The path of a FIFO: checks what is there, creates a FIFO if it is missing, opens it for writing. Never waits for a
 * reader. Source: fifo(7), open(2) ENXIO.
 */
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { errorCode, isForbidden } from '../../sys/call/error-text.ts';
import { refuseForeign } from '../../sys/file/foreign.ts';
import { type Spot, withSpot } from '../../sys/file/spot.ts';
import type { FileOwner, OwnerSetter } from '../target/file-owner.ts';
import type { MadeFifos } from './made-fifos.ts';
import { TargetError } from '../target/open-target.ts';

/** A reason, as it is logged. */
export const NOT_A_FIFO = 'it is not a FIFO';
const { O_NOCTTY, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

export interface FifoOptions {
  readonly path: string;
  /** Permission bits for a new FIFO. */
  readonly mode: number;
  /** Its owner. */
  readonly owner: FileOwner;
}

/** Identity of a FIFO. */
export interface FifoIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

export interface OpenFifo extends FifoIdentity {
  readonly handle: FileHandle;
}

export class FifoPath {
  readonly #options: FifoOptions;
  readonly #fifos: MadeFifos;
  readonly #owner: OwnerSetter;

  constructor(options: FifoOptions, fifos: MadeFifos, owner: OwnerSetter) {
    this.#options = options;
    this.#fifos = fifos;
    this.#owner = owner;
  }

  /**
   * @param current the open FIFO; assumed to be at the path if that cannot be seen
   * @returns what is at the path; created if missing
   * @throws the system's error, TargetError for anything but a FIFO
   */
  async settle(current: OpenFifo | null): Promise<FifoIdentity> {
    try {
      return asFifo(await this.#findOrMake());
    } catch (error) {
      if (current !== null && isForbidden(error) && (await current.handle.stat()).nlink > 0) return current;
      throw error;
    }
  }

  /** @throws ENXIO if nobody reads, and as {@link settle} */
  async open(): Promise<OpenFifo> {
    const handle = await withSpot(this.#options.path, 'follow', (spot) => {
      refuseForeign(spot, 'fifo');
      return open(spot.found, O_WRONLY | O_NOCTTY | O_NONBLOCK | spot.nofollow);
    });
    try {
      const { dev, ino } = asFifo(await handle.stat({ bigint: true }));
      return { handle, dev, ino };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #findOrMake(): Promise<BigIntStats> {
    const { path, mode } = this.#options;
    const find = (): Promise<BigIntStats> => withSpot(path, 'follow', look);
    try {
      return await find();
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    try {
      this.#fifos.make(path, mode);
    } catch (error) {
      // Somebody else has created something there at the same time.
      if (errorCode(error) !== 'EEXIST') throw error;
      return await find();
    }
    return await withSpot(path, 'follow', (spot) => this.#giveAway(spot));
  }

  async #giveAway(spot: Spot): Promise<BigIntStats> {
    refuseForeign(spot, 'fifo');
    const handle = await open(spot.found, O_RDONLY | O_NOCTTY | O_NONBLOCK | spot.nofollow);
    try {
      await this.#owner.give(handle);
      return await handle.stat({ bigint: true });
    } finally {
      await handle.close();
    }
  }
}

function look(spot: Spot): Promise<BigIntStats> {
  refuseForeign(spot, 'fifo');
  return stat(spot.found, { bigint: true });
}

function asFifo(found: BigIntStats): BigIntStats {
  if (!found.isFIFO()) throw new TargetError(NOT_A_FIFO);
  return found;
}
