/** Tracks the resources of a runner. Disposing of the scope releases the remaining resources, newest first. */
export class ResourceScope implements AsyncDisposable {
  readonly #resources = new Set<AsyncDisposable>();

  /** Adds a resource. Returns it with a dispose method that runs once and also removes it from the scope. */
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

  /** Releases all resources. @throws AggregateError with all failures, after trying every resource */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const resource of [...this.#resources].reverse()) {
      await resource[Symbol.asyncDispose]().then(undefined, (failure: unknown) => failures.push(failure));
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}
