import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageName = 'mcp-runtime-conformance';

let found: { readonly root: string; readonly version: string } | undefined;

/**
 * Returns the folder of this package, which is the nearest parent with this package's package.json. The fixtures and
 * the contract are in it, whether the code runs from the sources, from `dist/` or from an installation.
 * @throws Error if the package is incomplete
 */
export function packageRoot(): string {
  return ownPackage().root;
}

/** Returns the version of this package. @throws Error if the package is incomplete */
export function packageVersion(): string {
  return ownPackage().version;
}

function ownPackage(): { readonly root: string; readonly version: string } {
  found ??= findPackage(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function findPackage(start: string): { readonly root: string; readonly version: string } {
  for (let root = start; ; root = dirname(root)) {
    const file = join(root, 'package.json');
    const manifest: { name?: unknown; version?: unknown } = existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : {};
    if (manifest.name === packageName) return { root, version: String(manifest.version) };
    if (root === dirname(root)) {
      throw new Error(`the package ${packageName} is incomplete: no package.json above ${start}`);
    }
  }
}
