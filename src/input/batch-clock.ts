/**
 * The time of receipt, once for each batch: the wall clock, which Node.js reads in milliseconds, with microseconds
 * from the monotonic clock.
 *
 * The wall clock takes precedence: the result stays within the millisecond that it shows, even when it is set.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';

const USEC_PER_SEC = 1_000_000;

export class BatchClock {
  /** Wall clock less monotonic clock, microseconds, as far as it is known. */
  #offsetUsec = 0;

  /** Shape: writes nowSec and nowUsec. */
  stamp(batch: Batch): void {
    const monotonicUsec = Math.floor(performance.now() * 1000);
    const wallUsec = Date.now() * 1000;
    let usec = this.#offsetUsec + monotonicUsec;
    // Each correction moves the offset towards its true value, until the clock is set again.
    if (usec < wallUsec) usec = wallUsec;
    else if (usec >= wallUsec + 1000) usec = wallUsec + 999;
    this.#offsetUsec = usec - monotonicUsec;
    batch.nowSec = Math.floor(usec / USEC_PER_SEC);
    batch.nowUsec = usec % USEC_PER_SEC;
  }
}
