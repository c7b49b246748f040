/**
 * What the statistics show of the way of messages: part of the answer to `status`, see tsyslogd(8), CONTROL.
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
  /** By option `-a`. */
  readonly refused: number;
  /** Before anybody could read them, for want of room. */
  readonly dropped: number;
}

/** One output in the status. Counts are records since it was first opened. */
export interface OutputStatus {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  /** Handed to the kernel. For users: to a terminal, each one counted. */
  readonly written: number;
  readonly perSecond: number;
  /** Messages that it did not take, or that were given up. */
  readonly dropped: number;
  /** Waiting. */
  readonly queuedBytes: number;
  /** Failed attempts to open or write. */
  readonly failures: number;
  /** Messages told as repetitions of the one before instead of being written. */
  readonly suppressed: number;
  /** Cut at the longest payload of forwarding. */
  readonly cut: number;
}

/** The whole daemon, inputs and outputs that a reload has closed included. */
export interface TotalStatus {
  readonly received: number;
  readonly perSecond: number;
  /** Messages that claimed a format which they did not keep. */
  readonly parseFailures: number;
  /** Messages that no rule selected. */
  readonly unrouted: number;
  /** Lost on the way in or on the way out: the sum over inputs and outputs. */
  readonly dropped: number;
  readonly cut: number;
  readonly refused: number;
  readonly suppressed: number;
  /** Lines of the daemon about itself, and those it left out because there were too many at once. */
  readonly own: number;
  readonly ownOmitted: number;
}
