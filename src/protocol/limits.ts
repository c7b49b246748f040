/**
 * Sizes fixed by standards, peers or the contract of the daemon. In bytes unless the name says otherwise.
 */

/** Longest message kept whole, unless `max_message` says otherwise. */
export const MESSAGE_DEFAULT_BYTES = 8192;
/** Smallest `max_message`: every receiver must accept 480 octets. Source: RFC 5424 §6.1. */
export const MESSAGE_MIN_BYTES = 480;
/** Largest `max_message`. */
export const MESSAGE_MAX_BYTES = 65_536;

/** Longest tag of a traditional message. DEVIATION(RFC 3164 §4.1.3): 32 in the RFC; real programs use more. */
export const TAG_MAX_BYTES = 48;
/** Longest host name in a traditional message, that of RFC 5424 §6.2.4. */
export const HOST_MAX_BYTES = 255;

/** Port of syslog over UDP. Source: RFC 5426 §3.3. */
export const SYSLOG_UDP_PORT = 514;

/** Bounds of `-M` and `udp_size`: payload of a forwarded datagram. */
export const FORWARD_MIN_BYTES = 480;
export const FORWARD_DEFAULT_BYTES = 1024;
export const FORWARD_MAX_BYTES = 65_507;

/** Bounds of `memory`: what all queues together may hold. */
export const MEMORY_MIN_BYTES = 1024 ** 2;
export const MEMORY_DEFAULT_BYTES = 64 * 1024 ** 2;
export const MEMORY_MAX_BYTES = 16 * 1024 ** 3;
