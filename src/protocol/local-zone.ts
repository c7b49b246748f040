/**
 * HOT PATH. The local zone, with its last answer cached.
 */
import type { Zone } from './calendar.ts';
import { parsePosixZone } from './posix-zone.ts';

const MINUTE_SEC = 60;
const ZONE_SLOTS = 256;

/** As Node.js knows it (`TZ`, /etc/localtime). */
const NODE_ZONE: Zone = {
  offsetMinAt: (utcSec) => 0 - Math.round(new Date(utcSec * 1000).getTimezoneOffset()),
};

/**
 * The zone of this process without reading a file: what Node.js makes of `TZ`, and POSIX rules, which Node.js does not
 * know.
 */
export function processZone(): Zone {
  const name = (process.env['TZ'] ?? '').replace(/^:/, '');
  const rules = parsePosixZone(name);
  if (rules === null || isKnown(name)) return NODE_ZONE;
  return rules;
}

/** `EST5EDT` and the like are also names in the time zone database, with all their history. */
function isKnown(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * Offsets are cached by the minute, since some zones changed at one minute past midnight: the zone is consulted once a
 * minute, not once a message.
 */
export class LocalZone implements Zone {
  private readonly minutes = new Float64Array(ZONE_SLOTS).fill(Number.NaN);
  private readonly offsets = new Int32Array(ZONE_SLOTS);
  private readonly find: () => Zone;
  private zone: Zone;

  /** @param find determines the zone, now and on {@link LocalZone.reset} */
  constructor(find: () => Zone = processZone) {
    this.find = find;
    this.zone = find();
  }

  offsetMinAt(utcSec: number): number {
    const minute = Math.floor(utcSec / MINUTE_SEC);
    const slot = ((minute % ZONE_SLOTS) + ZONE_SLOTS) % ZONE_SLOTS;
    if (this.minutes[slot] === minute) return this.offsets[slot]!;
    const offset = this.zone.offsetMinAt(minute * MINUTE_SEC);
    this.minutes[slot] = minute;
    this.offsets[slot] = offset;
    return offset;
  }

  /** Determines the zone again, for when the zone of the machine has changed. */
  reset(): void {
    this.zone = this.find();
    this.minutes.fill(Number.NaN);
  }
}
