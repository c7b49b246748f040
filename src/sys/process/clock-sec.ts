/**
 * A clock for intervals, which nobody can set. It does not know the time of day.
 */

/** @returns whole seconds since the process started */
export function clockSec(): number {
  return Math.floor(performance.now() / 1000);
}
