import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { installOnce } from '../install-once.ts';

/** A program from npm, pinned to one version. */
export interface NpmProgram {
  readonly name: string;
  readonly version: string;
  /** Path of the entry module in the package. */
  readonly entry: string;
}

/** The official MCP conformance suite. `readFigures` depends on this version. */
export const officialSuite: NpmProgram = {
  name: '@modelcontextprotocol/conformance',
  version: '0.2.0-alpha.12',
  entry: 'dist/index.js',
};

/** The MCP Inspector, whose CLI is an MCP client. */
export const inspector: NpmProgram = {
  name: '@modelcontextprotocol/inspector',
  version: '2.12.0',
  entry: 'clients/launcher/build/index.js',
};

/** Node version to install from npm for these programs if the current Node is older than 22. */
const nodeVersion = '22.23.3';
const isNewEnough = Number(process.versions.node.split('.')[0]) >= 22;

/** Default installation folder for programs. */
export const defaultCache: string = join(packageRoot(), 'node_modules', '.cache', 'mcp-official');

/**
 * Provides a program from npm and a recent Node for it. Reuses earlier installations.
 * @param cache installation folder, created if missing
 * @returns the path of `node` and the entry module of the program
 * @throws Error if npm cannot install them
 */
export async function provideProgram({ name, version, entry }: NpmProgram, cache: string) {
  const node = isNewEnough ? process.execPath : await provideNode(nodeVersion, cache);
  return { node, entry: join(await provideModules(`${name}@${version}`, cache), name, entry) };
}

/**
 * Provides a Node from npm.
 * @param version a full version, or a major version for its latest release
 * @param cache installation folder, created if missing
 * @returns the path of the program
 * @throws Error if npm cannot install it
 */
export async function provideNode(version: string, cache: string): Promise<string> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  return join(await provideModules(`${name}@${version}`, cache), name, 'bin', 'node');
}

/** Returns the version of a dependency of this package. */
export async function installedVersion(name: string): Promise<string> {
  const manifest = join(packageRoot(), 'node_modules', name, 'package.json');
  return String(JSON.parse(await readFile(manifest, 'utf8')).version);
}

/** Returns the `node_modules` folder with a package and its dependencies. */
async function provideModules(wanted: string, cache: string): Promise<string> {
  const folder = join(cache, wanted.replaceAll(/[^\w.@-]/g, '_'));
  await installOnce(folder, async (fresh) => {
    await writeFile(join(fresh, 'package.json'), '{ "private": true }\n');
    await $({
      quiet: true,
      timeout: '5m',
    })`npm install --prefix ${fresh} --no-audit --no-fund --save-exact ${wanted}`;
  });
  return join(folder, 'node_modules');
}
