/** A folder of which files with certain extensions are watched. */
export interface WatchedFolder {
  readonly path: string;
  /** Extensions without the dot. Undefined: all files. */
  readonly extensions?: readonly string[];
}

/** Everything whose changes start another run. */
export interface WatchedThings {
  readonly files: readonly string[];
  readonly folders: readonly WatchedFolder[];
  /** Socket files that a restarted runtime binds again. */
  readonly sockets: readonly string[];
  /** Names of container images. */
  readonly images: readonly string[];
}
