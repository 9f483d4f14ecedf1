/** What became of work under a key. */
export type WaitState = 'running' | 'cancelled' | 'finished';

/** How waiting ended. */
export type WaitOutcome = 'released' | 'cancelled' | 'timed out';

interface Entry {
  state: WaitState;
  readonly waiters: Set<(outcome: WaitOutcome) => void>;
}

const maxOwners = 1000;
const maxKeysPerOwner = 4000;
/** Milliseconds after which waiting ends by itself. */
const timeoutMs = 60_000;

/** Forgets the oldest entry that may go, where there are as many as allowed. */
function makeRoom<K, V>(map: Map<K, V>, limit: number, mayGo: (value: V) => boolean): boolean {
  if (map.size < limit) return true;
  for (const [key, value] of map) {
    if (mayGo(value)) {
      map.delete(key);
      return true;
    }
  }
  return false;
}

const isOver = ({ waiters }: Entry) => waiters.size === 0;

/** Work that blocks until it is released, and what became of it: kept apart for each owner, and bounded. */
export class WaitBoard {
  readonly #owners = new Map<string, Map<string, Entry>>();

  /** Blocks until `release`, the signal or the time-out; undefined where there is no room to wait. */
  async wait(owner: string, key: string, signal: AbortSignal): Promise<WaitOutcome | undefined> {
    const entry = this.#entry(owner, key);
    return entry && outcomeOf(entry, signal);
  }

  /** Ends all waiting under a key, and says for how many. */
  release(owner: string, key: string): number {
    const waiters = [...(this.#owners.get(owner)?.get(key)?.waiters ?? [])];
    for (const settle of waiters) settle('released');
    return waiters.length;
  }

  /** What became of the work under a key; undefined where there was none. */
  state(owner: string, key: string): WaitState | undefined {
    return this.#owners.get(owner)?.get(key)?.state;
  }

  #entry(owner: string, key: string): Entry | undefined {
    let keys = this.#owners.get(owner);
    if (keys === undefined) {
      const hasRoom = makeRoom(this.#owners, maxOwners, (entries) => [...entries.values()].every(isOver));
      if (!hasRoom) return undefined;
      keys = new Map();
      this.#owners.set(owner, keys);
    }
    const known = keys.get(key);
    if (known !== undefined) return known;
    if (!makeRoom(keys, maxKeysPerOwner, isOver)) return undefined;
    const entry: Entry = { state: 'running', waiters: new Set() };
    keys.set(key, entry);
    return entry;
  }
}

function outcomeOf(entry: Entry, signal: AbortSignal): Promise<WaitOutcome> {
  entry.state = 'running';
  return new Promise((resolve) => {
    const settle = (outcome: WaitOutcome) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      entry.waiters.delete(settle);
      // Where nobody waits any more, the state is right as soon as the release or the cancellation is.
      if (entry.waiters.size === 0) entry.state = outcome === 'cancelled' ? 'cancelled' : 'finished';
      resolve(outcome);
    };
    const onAbort = () => settle('cancelled');
    const timer = setTimeout(settle, timeoutMs, 'timed out');
    entry.waiters.add(settle);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
