import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { $ } from 'zx';

/** The official suite, at the version that the figures are for. */
export const suitePackage = { name: '@modelcontextprotocol/conformance', version: '0.2.0-alpha.12' } as const;

/** The suite needs Node 22. Where this process is older, a Node from npm runs the suite, and the suite alone. */
const nodeVersion = '22.23.3';
const nodeMajor = 22;

/** What runs the official suite. */
export interface SuiteTools {
  /** The program of Node to run it with. */
  readonly node: string;
  /** Its entry module. */
  readonly entry: string;
}

/**
 * Provides the official suite, from npm, and a Node that is new enough for it. What is there already is used again.
 * @param cache a folder, which is made where it does not exist
 * @throws Error where npm cannot install them
 */
export async function provideSuite(cache: string): Promise<SuiteTools> {
  const needsNode = Number(process.versions.node.split('.')[0]) < nodeMajor;
  const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const packages = [
    `${suitePackage.name}@${suitePackage.version}`,
    ...(needsNode ? [`${nodePackage}@${nodeVersion}`] : []),
  ];
  const folder = join(cache, packages.join('+').replaceAll(/[^\w.+-]/g, '_'));
  if (!existsSync(folder)) await install(packages, folder);
  const modules = join(folder, 'node_modules');
  return {
    node: needsNode ? join(modules, nodePackage, 'bin', 'node') : process.execPath,
    entry: join(modules, suitePackage.name, 'dist', 'index.js'),
  };
}

/** Installs beside the folder and moves it there when it is whole: an install that was broken off leaves none. */
async function install(packages: readonly string[], folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await writeFile(join(fresh, 'package.json'), '{ "private": true }\n');
    await $({
      quiet: true,
      timeout: '5m',
    })`npm install --prefix ${fresh} --no-audit --no-fund --save-exact ${packages}`;
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
