import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';

/** A program that comes from npm, at the one version that is meant. */
export interface NpmProgram {
  readonly name: string;
  readonly version: string;
  /** Its entry module in the package. */
  readonly entry: string;
}

/** The official MCP conformance suite, at the version that the figures are for. */
export const officialSuite: NpmProgram = {
  name: '@modelcontextprotocol/conformance',
  version: '0.2.0-alpha.12',
  entry: 'dist/index.js',
};

/** The MCP Inspector; its command line is a client. */
export const inspector: NpmProgram = {
  name: '@modelcontextprotocol/inspector',
  version: '2.12.0',
  entry: 'clients/launcher/build/index.js',
};

/** Both need Node 22. Where this process is older, a Node from npm runs them, and them alone. */
const nodeVersion = '22.23.3';
const isNewEnough = Number(process.versions.node.split('.')[0]) >= 22;

/** Where programs are installed by default. */
export const defaultCache: string = join(packageRoot(), 'node_modules', '.cache', 'mcp-official');

/**
 * Provides a program from npm, and a Node that is new enough for it. What is there already is used again.
 * @param cache a folder, which is made where it does not exist
 * @returns how the program runs: `node`, then its entry module
 * @throws Error where npm cannot install them
 */
export async function provideProgram({ name, version, entry }: NpmProgram, cache: string) {
  const node = isNewEnough ? process.execPath : await provideNode(nodeVersion, cache);
  return { node, entry: join(await provideModules(`${name}@${version}`, cache), name, entry) };
}

/**
 * Provides a Node from npm.
 * @param version whole, or a major version for the newest of it
 * @param cache a folder, which is made where it does not exist
 * @returns the path of the program
 * @throws Error where npm cannot install it
 */
export async function provideNode(version: string, cache: string): Promise<string> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  return join(await provideModules(`${name}@${version}`, cache), name, 'bin', 'node');
}

/** The folder `node_modules` with a package and what it depends on. */
async function provideModules(wanted: string, cache: string): Promise<string> {
  const folder = join(cache, wanted.replaceAll(/[^\w.@-]/g, '_'));
  if (!existsSync(folder)) await install(wanted, folder);
  return join(folder, 'node_modules');
}

/** Installs beside the folder and moves it there when it is whole: an install that was broken off leaves none. */
async function install(wanted: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await writeFile(join(fresh, 'package.json'), '{ "private": true }\n');
    await $({
      quiet: true,
      timeout: '5m',
    })`npm install --prefix ${fresh} --no-audit --no-fund --save-exact ${wanted}`;
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
