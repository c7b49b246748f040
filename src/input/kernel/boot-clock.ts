/**
 * The wall clock at a moment that the kernel counts from boot. It follows a wall clock that is set later.
 */
import { wallDate, type Zone } from '../../protocol/calendar.ts';

/** A smaller change of the wall clock is none: reading two clocks takes time. */
const CLOCK_SET_MS = 100;

function bootTimeMs(): number {
  return Date.now() - Number(process.hrtime.bigint() / 1_000_000n);
}

export class BootClock {
  readonly #zone: Zone;
  /** Epoch milliseconds of the moment at which the monotonic clock began, as far as the wall clock is right. */
  #bootMs = bootTimeMs();

  /** @param zone in which times are written */
  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** Takes notice of a wall clock that was set. */
  look(): void {
    const bootMs = bootTimeMs();
    if (Math.abs(bootMs - this.#bootMs) > CLOCK_SET_MS) this.#bootMs = bootMs;
  }

  /**
   * @param usec since boot
   * @returns RFC 3339 with microseconds, on this machine's wall clock
   */
  spell(usec: number): string {
    const epochMs = this.#bootMs + Math.floor(usec / 1000);
    const offsetMin = this.#zone.offsetMinAt(Math.floor(epochMs / 1000));
    const wall = wallDate(this.#zone, epochMs).toISOString();
    const minutes = Math.abs(offsetMin);
    const suffix = `${offsetMin < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
    return `${wall.slice(0, -1)}${String(usec % 1000).padStart(3, '0')}${suffix}`;
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
