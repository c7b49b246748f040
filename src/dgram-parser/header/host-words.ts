/**
 * What the parser cannot know from a datagram: which words name this host or the sender.
 */

/** Called only if the answer matters. Implementations allocate nothing and keep no reference. */
export interface HostWords {
  /** @returns whether the word is this machine's name, short or with its domain */
  isLocalHost(bytes: Uint8Array, off: number, len: number): boolean;
  /** @returns whether the word is the name or address of the sender with this number (column `peer`) */
  isPeer(peer: number, bytes: Uint8Array, off: number, len: number): boolean;
}

/** Knows no names. */
export const NO_HOST_WORDS: HostWords = {
  isLocalHost: () => false,
  isPeer: () => false,
};
