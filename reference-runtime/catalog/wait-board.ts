/** The state of the latest wait for a key. */
export type WaitState = 'running' | 'cancelled' | 'finished';

/** The reason why a wait ended. */
export type WaitOutcome = 'released' | 'cancelled' | 'timed out';

interface Entry {
  state: WaitState;
  readonly waiters: Set<(outcome: WaitOutcome) => void>;
}

const maxOwners = 1000;
const maxKeysPerOwner = 4000;
/** Time limit of a wait in milliseconds. */
const timeoutMs = 60_000;

/** Makes room in a full map by evicting its oldest evictable entry. Returns whether the map has room. */
function makeRoom<K, V>(map: Map<K, V>, limit: number, isEvictable: (value: V) => boolean): boolean {
  if (map.size < limit) return true;
  for (const [key, value] of map) {
    if (isEvictable(value)) {
      map.delete(key);
      return true;
    }
  }
  return false;
}

const isOver = ({ waiters }: Entry) => waiters.size === 0;

/** Tracks calls that block until they are released. Entries are separate for each owner, and limited in number. */
export class WaitBoard {
  readonly #owners = new Map<string, Map<string, Entry>>();

  /** Blocks until `release`, an abort or the time limit. Returns undefined if the board is full. */
  async wait(owner: string, key: string, signal: AbortSignal): Promise<WaitOutcome | undefined> {
    const entry = this.#entry(owner, key);
    return entry && outcomeOf(entry, signal);
  }

  /** Releases all waits for a key, and returns their number. */
  release(owner: string, key: string): number {
    const waiters = [...(this.#owners.get(owner)?.get(key)?.waiters ?? [])];
    for (const settle of waiters) settle('released');
    return waiters.length;
  }

  /** Returns the state of the latest wait for a key, or undefined if the key is unknown. */
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
      // The last waiter sets the state synchronously, so the state is correct when the release returns.
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
