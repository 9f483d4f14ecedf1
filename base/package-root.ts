import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageName = 'mcp-runtime-conformance';

let found: string | undefined;

/**
 * The folder of this package: the nearest one upwards with our own package.json, so that fixtures and the contract are
 * found from the sources, from `dist/` and from an installation.
 * @throws Error where the package is incomplete
 */
export function packageRoot(): string {
  found ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && nameIn(manifest) === packageName) return folder;
    if (folder === dirname(folder)) {
      throw new Error(`the package ${packageName} is incomplete: no package.json above ${start}`);
    }
  }
}

function nameIn(manifest: string): unknown {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'name' in parsed ? parsed.name : undefined;
}
