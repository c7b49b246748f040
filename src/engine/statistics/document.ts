/**
 * The statistics of message processing, as part of the answer to `status`, see tsyslogd(8), CONTROL.
 */

/** One input in the status. Counts are datagrams since the start. */
export interface InputStatus {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly received: number;
  readonly perSecond: number;
  /** Longer than `max_message`. */
  readonly cut: number;
  /** Refused by option `-a`. */
  readonly refused: number;
  /** Dropped for lack of room before they could be read. */
  readonly dropped: number;
}

/** One output in the status. Counts are records since it was first opened. */
export interface OutputStatus {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  /** Handed to the kernel. For users: counted for each terminal. */
  readonly written: number;
  readonly perSecond: number;
  /** Messages that were refused or given up. */
  readonly dropped: number;
  /** Bytes waiting. */
  readonly queuedBytes: number;
  /** Failed attempts to open or write. */
  readonly failures: number;
  /** Messages counted as repetitions instead of being written. */
  readonly suppressed: number;
  /** Cut to the longest forwarded payload. */
  readonly cut: number;
}

/** The whole daemon, including inputs and outputs that a reload has closed. */
export interface TotalStatus {
  readonly received: number;
  readonly perSecond: number;
  /** Messages that claimed a format but did not keep to it. */
  readonly parseFailures: number;
  /** Messages that no rule selected. */
  readonly unrouted: number;
  /** Lost on the way in or out: the sum over inputs and outputs. */
  readonly dropped: number;
  readonly cut: number;
  readonly refused: number;
  readonly suppressed: number;
  /** Lines of the daemon about itself, and those left out because there were too many at once. */
  readonly own: number;
  readonly ownOmitted: number;
}
