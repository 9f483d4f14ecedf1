import type { ContainerLimits } from './limits.ts';

/** The rights of a container on the machine. */
export interface Confinement {
  readonly limits: ContainerLimits;
  /** Whether the root file system is read-only. Temporary folders are then writable, in memory. */
  readonly readOnlyRoot: boolean;
  /** Capabilities of the Linux kernel that the container keeps, such as `NET_BIND_SERVICE`. */
  readonly capabilities: readonly string[];
}

/** Folders that programs may expect to be writable. */
const temporaryFolders = ['/tmp', '/var/tmp', '/run'];

/** Libraries unpack native code to temporary folders, so programs there may be executed. */
const temporaryOptions = 'rw,exec,nosuid,nodev,mode=1777';

/**
 * Returns the members of Docker's `HostConfig` that confine a container.
 * @param mounted the paths of other mounts in the container
 */
export function confinedHost(
  { limits, readOnlyRoot, capabilities }: Confinement,
  mounted: readonly string[],
): object {
  const { memoryBytes, pids, cpus } = limits;
  const folders = temporaryFolders.filter((folder) => !mounted.includes(folder));
  return {
    CapDrop: ['ALL'],
    CapAdd: [...capabilities],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: readOnlyRoot,
    Tmpfs: readOnlyRoot ? Object.fromEntries(folders.map((folder) => [folder, temporaryOptions])) : undefined,
    Memory: memoryBytes,
    // The same value as for memory means no swap.
    MemorySwap: memoryBytes,
    PidsLimit: pids,
    NanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
  };
}
