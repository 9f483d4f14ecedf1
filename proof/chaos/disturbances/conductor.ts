import type { DisturbanceLog } from '../invariants/disturbance-log.ts';
import type { Random } from '../random.ts';
import type { Pair, Role } from '../system/pair.ts';
import type { Disturbance, Place } from './disturbance.ts';
import { pause } from './pause.ts';

/** The disturbances of a conductor, and the pairs that they hit. */
export interface ConductorOptions {
  readonly disturbances: readonly Disturbance[];
  readonly pairs: readonly Pair[];
  readonly random: Random;
  readonly log: DisturbanceLog;
  readonly token: string;
  /** Ends the run early. */
  readonly signal: AbortSignal;
  /** Pause between two disturbances in milliseconds. Default: from 1000 to 5000. */
  readonly calm?: { readonly least: number; readonly most: number };
}

/** How often a disturbance happened. */
export interface DisturbanceCount {
  readonly name: string;
  /** The number of times, by place. */
  readonly places: Readonly<Record<string, number>>;
  /** The reasons for which it was impossible at a place, without duplicates. */
  readonly leftOut: readonly string[];
}

/** One disturbance of a run. */
export interface DisturbanceEvent {
  readonly name: string;
  /** The process that it hit. */
  readonly place: string;
  /** Start and end, in seconds since the start of the conductor. */
  readonly fromSecond: number;
  readonly toSecond: number;
}

/** Maximum number of disturbances at the same time. */
const lanes = 2;
const defaultCalm = { least: 1_000, most: 5_000 };

/** Disturbs the pairs in random order, for a limited time. */
export class Conductor {
  readonly #options: ConductorOptions;
  readonly #counts = new Map<string, { places: Record<string, number>; leftOut: Set<string> }>();
  /** Processes that are disturbed at the moment. */
  readonly #busy = new Set<string>();
  readonly #events: DisturbanceEvent[] = [];
  readonly #startedMs = performance.now();
  #bag: Disturbance[] = [];

  constructor(options: ConductorOptions) {
    this.#options = options;
    for (const { name } of options.disturbances) this.#counts.set(name, { places: {}, leftOut: new Set() });
  }

  /** Starts disturbances until the time has passed. Resolves when all of them have ended. */
  async run(durationMs: number): Promise<void> {
    const endMs = performance.now() + durationMs;
    await Promise.all(Array.from({ length: lanes }, () => this.#lane(endMs)));
  }

  /** The disturbances so far. */
  counts(): readonly DisturbanceCount[] {
    return [...this.#counts].map(([name, { places, leftOut }]) => ({ name, places, leftOut: [...leftOut] }));
  }

  /** The disturbances that have ended, in the order of their ends. */
  get events(): readonly DisturbanceEvent[] {
    return this.#events;
  }

  #second(): number {
    return Math.round((performance.now() - this.#startedMs) / 100) / 10;
  }

  async #lane(endMs: number): Promise<void> {
    const { signal, calm = defaultCalm } = this.#options;
    const random = this.#options.random.fork();
    while (!signal.aborted) {
      await pause(random.whole(calm.least, calm.most), signal);
      if (performance.now() >= endMs || signal.aborted) return;
      await this.#disturb(random);
    }
  }

  async #disturb(random: Random): Promise<void> {
    const { log, token, signal } = this.#options;
    const disturbance = this.#draw(random);
    const place = this.#placeFor(disturbance, random);
    if (place === undefined) return;
    const { pair, role } = place;
    const taken = disturbance.needsWholePair === true ? (['gateway', 'runtime'] as const) : [role];
    const keys = taken.map((each) => keyOf(pair, each));
    for (const key of keys) this.#busy.add(key);
    const end = log.begin(pair.index, disturbance.effects);
    const counts = this.#countsOf(disturbance);
    const { name } = pair.process(role);
    counts.places[name] = (counts.places[name] ?? 0) + 1;
    const fromSecond = this.#second();
    try {
      await disturbance.run(place, { random, log, token, signal });
    } finally {
      end();
      this.#events.push({ name: disturbance.name, place: name, fromSecond, toSecond: this.#second() });
      for (const key of keys) this.#busy.delete(key);
    }
  }

  /** Returns the next disturbance. Each is drawn once before any is drawn again. */
  #draw(random: Random): Disturbance {
    if (this.#bag.length === 0) this.#bag = [...random.shuffled(this.#options.disturbances)];
    const next = this.#bag.pop();
    if (next === undefined) throw new RangeError('there are no disturbances');
    return next;
  }

  #placeFor(disturbance: Disturbance, random: Random): Place | undefined {
    const places = this.#options.pairs.flatMap((pair) => disturbance.roles.map((role) => ({ pair, role })));
    const possible = places.filter((place) => {
      const reason = disturbance.impossible?.(place);
      if (reason !== undefined) this.#countsOf(disturbance).leftOut.add(reason);
      return reason === undefined;
    });
    const free = possible.filter(({ pair, role }) => {
      const needed: readonly Role[] = disturbance.needsWholePair === true ? ['gateway', 'runtime'] : [role];
      return needed.every((each) => !this.#busy.has(keyOf(pair, each)));
    });
    if (free.length > 0) return random.pick(free);
    // Other disturbances use all places of this one, so it has to wait.
    if (possible.length > 0) this.#bag.unshift(disturbance);
    return undefined;
  }

  #countsOf({ name }: Disturbance) {
    const counts = this.#counts.get(name);
    if (counts === undefined) throw new RangeError(`there is no disturbance ${name}`);
    return counts;
  }
}

function keyOf(pair: Pair, role: Role): string {
  return `${role} ${pair.index}`;
}
