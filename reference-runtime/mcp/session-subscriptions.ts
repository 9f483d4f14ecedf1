/** Counts a subscription of a caller. Returns a function to call once when it ends, or undefined if there are too many. */
export type BeginSubscription = () => (() => void) | undefined;

/** The resources to which one session is subscribed. */
export class SessionSubscriptions {
  readonly #max: number;
  readonly #begin: BeginSubscription;
  readonly #ends = new Map<string, () => void>();
  readonly #uris = new Set<string>();
  #closed = false;

  /**
   * @param max the limit of the session
   * @param begin applies the limits of the caller
   */
  constructor(max: number, begin: BeginSubscription) {
    this.#max = max;
    this.#begin = begin;
  }

  /** The subscribed resources. */
  get uris(): ReadonlySet<string> {
    return this.#uris;
  }

  /** Subscribes to a resource. Returns false if the session or its caller has too many subscriptions (MCP-18). */
  add(uri: string): boolean {
    if (this.#uris.has(uri)) return true;
    if (this.#closed || this.#uris.size >= this.#max) return false;
    const end = this.#begin();
    if (end === undefined) return false;
    this.#uris.add(uri);
    this.#ends.set(uri, end);
    return true;
  }

  remove(uri: string): void {
    this.#uris.delete(uri);
    this.#ends.get(uri)?.();
    this.#ends.delete(uri);
  }

  /** Ends all subscriptions, and refuses later ones. */
  close(): void {
    this.#closed = true;
    for (const uri of [...this.#uris]) this.remove(uri);
  }
}
