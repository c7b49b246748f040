/**
 * A clock for how long ago something was: nobody sets it. It says nothing of the time of day.
 */

/** @returns whole seconds since the process began */
export function clockSec(): number {
  return Math.floor(performance.now() / 1000);
}
