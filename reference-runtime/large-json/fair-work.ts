/** Work in steps. Between two of them, other work may run. */
export type Steps<T> = Generator<void, T>;

/** Longest time for which work holds up the event loop, in milliseconds, if its steps are short. */
const sliceMs = 2;

/**
 * Turns of the event loop after each slice in which other work goes on. A call takes several turns, each of which would
 * otherwise wait for a slice. Turns without other work take microseconds.
 */
const turnsBetweenSlices = 10;

interface Task {
  /** Runs steps for the time of a slice. Returns whether the work is done. */
  runSlice(): boolean;
}

/** Runs work to its end without a pause. @throws any error of the work */
export function runAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Runs long work in short slices between the turns of the event loop, so that it hardly delays anything else. Callers take
 * turns, so that the work of one does not wait for all work of another.
 */
export class FairWork {
  /** The unfinished work of each caller. The first caller is next. */
  readonly #tasks = new Map<string | null, Task[]>();
  /** Turns until the next slice. Undefined without work. */
  #turns: number | undefined;

  /** Runs work. @throws any error of the work */
  run<T>(caller: string | null, steps: Steps<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const runSlice = (): boolean => {
        const end = performance.now() + sliceMs;
        try {
          do {
            const step = steps.next();
            if (step.done === true) {
              resolve(step.value);
              return true;
            }
          } while (performance.now() < end);
          return false;
        } catch (error) {
          reject(error);
          return true;
        }
      };
      const tasks = this.#tasks.get(caller);
      if (tasks === undefined) this.#tasks.set(caller, [{ runSlice }]);
      else tasks.push({ runSlice });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#turns !== undefined) return;
    this.#turns = 0;
    setImmediate(() => this.#onTurn());
  }

  #onTurn(): void {
    if (this.#turns === 0) {
      this.#runSlice();
      this.#turns = turnsBetweenSlices;
    } else if (this.#turns !== undefined) this.#turns--;
    if (this.#tasks.size === 0) this.#turns = undefined;
    else setImmediate(() => this.#onTurn());
  }

  #runSlice(): void {
    for (const [caller, tasks] of this.#tasks) {
      this.#tasks.delete(caller);
      if (tasks[0]?.runSlice() === true) tasks.shift();
      // Behind all others.
      if (tasks.length > 0) this.#tasks.set(caller, tasks);
      return;
    }
  }
}
