/** Holds what a runner has made, so that disposing of the runner releases whatever is left, newest first. */
export class ResourceScope implements AsyncDisposable {
  readonly #resources = new Set<AsyncDisposable>();

  /** Takes a resource in, and returns it with a dispose that runs once and takes it out again. */
  own<T extends AsyncDisposable>(resource: T): T {
    const dispose = resource[Symbol.asyncDispose].bind(resource);
    let disposed: Promise<void> | undefined;
    this.#resources.add(resource);
    resource[Symbol.asyncDispose] = () => {
      disposed ??= Promise.resolve(dispose()).finally(() => this.#resources.delete(resource));
      return disposed;
    };
    return resource;
  }

  /** @throws AggregateError with every failure, after all have been released as far as possible */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const resource of [...this.#resources].reverse()) {
      await resource[Symbol.asyncDispose]().then(undefined, (failure: unknown) => failures.push(failure));
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}
