/**
 * Holds requests that arrive before there is anything to handle them.
 */
export class Requests<T> {
  #taker: T | null = null;
  readonly #waiting: ((taker: T) => void)[] = [];

  do(request: (taker: T) => void): void {
    if (this.#taker === null) this.#waiting.push(request);
    else request(this.#taker);
  }

  takenBy(taker: T): void {
    this.#taker = taker;
    for (const request of this.#waiting.splice(0)) request(taker);
  }
}
