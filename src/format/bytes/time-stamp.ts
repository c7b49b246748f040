/**
 * What the two forms of a time have in common, so that one line format can be written with either.
 */

/** HOT PATH. Implementations keep the text of the last time that they wrote. */
export interface TimeStamp {
  /** Bytes that every call of {@link write} writes. */
  readonly byteCount: number;
  /**
   * Writes the wall clock of the sender.
   *
   * @param sec seconds since the epoch, UTC
   * @param usec microseconds within the second
   * @param offsetMin minutes east of UTC of the clock that is shown
   * @returns the offset behind the text
   */
  write(sec: number, usec: number, offsetMin: number, dst: DataView, off: number): number;
}
