/**
 * The common interface of the two time formats, so that one line format can use either.
 */

/** HOT PATH. Implementations cache the text of the last time written. */
export interface TimeStamp {
  /** Bytes that every call of {@link write} writes. */
  readonly byteCount: number;
  /**
   * Writes the wall clock of the sender.
   *
   * @param sec seconds since the epoch, UTC
   * @param usec microseconds within the second
   * @param offsetMin minutes east of UTC of the wall clock
   * @returns the offset after the text
   */
  write(sec: number, usec: number, offsetMin: number, dst: DataView, off: number): number;
}
