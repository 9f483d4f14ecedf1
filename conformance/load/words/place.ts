import type { LocatedValue, ValuePath } from '../yaml-file.ts';

/**
 * Maps the parts of an expanded value to the paths where the file has them. Parts that did not move need no entry.
 */
export class Origins {
  readonly #written = new Map<string, ValuePath>();

  add(path: ValuePath, written: ValuePath): void {
    this.#written.set(JSON.stringify(path), written);
  }

  /** Returns the path where the part at `path` of the expanded value is written. */
  of(path: ValuePath): ValuePath {
    for (let length = path.length; length > 0; length -= 1) {
      const written = this.#written.get(JSON.stringify(path.slice(0, length)));
      if (written !== undefined) return [...written, ...path.slice(length)];
    }
    return path;
  }
}

/** A path in an expanded value, with the path in the file at which the content is written. */
export class Place {
  readonly origins: Origins;
  readonly path: ValuePath;
  readonly written: ValuePath;

  constructor(origins: Origins, path: ValuePath, written: ValuePath = path) {
    this.origins = origins;
    this.path = path;
    this.written = written;
  }

  /** A part of this place that has not moved. */
  at(...keys: ValuePath): Place {
    return new Place(this.origins, [...this.path, ...keys], [...this.written, ...keys]);
  }

  /** The same place, with its content written at `keys` below the current content. */
  writtenAt(...keys: ValuePath): Place {
    return new Place(this.origins, this.path, [...this.written, ...keys]);
  }

  /** A part at `path` of this place, with its content written at `written` below the current content. */
  moved(path: ValuePath, written: ValuePath): Place {
    const place = new Place(this.origins, [...this.path, ...path], [...this.written, ...written]);
    this.origins.add(place.path, place.written);
    return place;
  }
}

/** Returns a value that was expanded from a file. `origins` gives the positions of its parts. */
export function relocate(file: LocatedValue, value: unknown, origins: Origins): LocatedValue {
  return {
    file: file.file,
    value,
    positionOf: (path) => file.positionOf(origins.of(path)),
    positionOfKey: (path, key) => {
      const written = origins.of([...path, key]);
      return file.positionOfKey(written.slice(0, -1), String(written.at(-1)));
    },
  };
}
