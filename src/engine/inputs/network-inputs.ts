/**
 * The UDP sockets: those that the command line and the configuration name, or, instead of them, those that the service
 * manager has passed.
 */
import { isOtherFamily } from '../../conf/words/addresses.ts';
import type { Directives } from '../../conf/config.ts';
import type { PassedInput } from '../../input/datagram/passed-input.ts';
import type { UdpInput } from '../../input/datagram/udp.ts';
import type { Input, NetworkInput } from '../../input/input.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import { listeningPlaces, type ListeningPlace, placeKey, receivesFromNetwork } from '../settings/listening-places.ts';
import type { GroupParts, InputGroup } from './input-group.ts';
import { InputsByPlace } from './inputs-by-place.ts';

export class NetworkInputs implements InputGroup {
  readonly #parts: GroupParts;
  readonly #own: InputsByPlace<ListeningPlace, UdpInput>;
  #passed: readonly PassedInput[] = [];
  /** The daemon binds no address itself. */
  #onlyPassed = false;
  /** Handed over by the previous process and no longer wanted. */
  #others: readonly Input[] = [];
  /** Places of a family that the command line forbids; each is reported once. */
  readonly #refused = new Set<string>();

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#own = new InputsByPlace({
      keyOf: placeKey,
      open: (place) => (this.#isRefused(place) ? null : parts.opener.openUdp(place)),
      mayRead: parts.mayRead,
    });
  }

  get inputs(): readonly Input[] {
    return [...this.listening, ...this.#others];
  }

  /** Those that are wanted. */
  get listening(): readonly NetworkInput[] {
    return [...this.#own.inputs, ...this.#passed];
  }

  open(directives: Directives): void {
    const { opener } = this.#parts;
    this.#passed = opener.openPassed('udp');
    this.#onlyPassed = this.#passed.length > 0;
    this.adopt(directives);
    this.#others = opener.openOtherUdp();
  }

  adopt(directives: Directives): void {
    this.#dropForbidden(directives);
    this.#own.adopt(this.#onlyPassed ? [] : listeningPlaces(this.#parts.settings, directives));
  }

  released(): void {
    for (const input of this.#others) input.close();
    // They may have been in the way, as every address is in that of a single one.
    if (this.#others.length > 0) for (const input of this.#own.inputs) input.retryNow();
    this.#others = [];
  }

  ended(): void {
    this.#own.forget();
    this.#passed = [];
    this.#others = [];
  }

  /** The service manager may have bound more than the command line or the configuration allows. */
  #dropForbidden(directives: Directives): void {
    for (const input of this.#passed) {
      const reason = this.#whyForbidden(input, directives);
      if (reason === null) continue;
      input.leave();
      const text = `not listening on ${input.label} from the service manager: forbidden by ${reason}`;
      this.#parts.report(SEVERITY.warning, text);
    }
    this.#passed = this.#passed.filter((input) => input.state !== 'closed');
  }

  #whyForbidden({ family }: PassedInput, directives: Directives): string | null {
    const { settings } = this.#parts;
    if (!receivesFromNetwork(settings, directives)) return `'-s' or secure_mode`;
    return settings.family !== null && family !== settings.family ? `option '-${settings.family}'` : null;
  }

  /** Only the configuration names such places: on the command line they are an error. */
  #isRefused(place: ListeningPlace): boolean {
    const { settings, report } = this.#parts;
    if (!isOtherFamily(place, settings.family)) return false;
    const key = placeKey(place);
    if (!this.#refused.has(key))
      report(SEVERITY.err, `not listening on "${place.host}": forbidden by option '-${settings.family}'`);
    this.#refused.add(key);
    return true;
  }
}
