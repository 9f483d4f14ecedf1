import { existsSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/** Imports and exports as the TypeScript compiler writes them. */
const imports = /\b(?:from|import)\s*\(?\s*(['"])([^'"]+)\1/g;

/** What a running program never loads. */
const unneeded = /\.(?:[cm]?ts|map|md|markdown)$|(?:^|\/)(?:test|tests|__tests__)$/;

/**
 * Follows the imports of a compiled module.
 * @param {string} entry path of the module
 * @returns {Promise<{ files: string[], packages: string[] }>} the files reached, and the packages that they name
 */
export async function traceModules(entry) {
  const files = new Set([resolve(entry)]);
  const packages = new Set();
  for (const file of files) {
    for (const [, , specifier] of (await readFile(file, 'utf8')).matchAll(imports)) {
      if (specifier.startsWith('.')) {
        const target = resolve(dirname(file), specifier);
        if (existsSync(target)) {
          files.add(target);
        }
      } else if (!specifier.startsWith('node:') && !builtinModules.includes(specifier)) {
        packages.add(packageName(specifier));
      }
    }
  }
  return { files: [...files], packages: [...packages].filter((name) => /^(@[\w.-]+\/)?[\w.-]+$/.test(name)) };
}

/**
 * Copies packages and all that they depend on, without types, source maps and documents.
 * @param {string[]} names
 * @param {string} from a folder inside of which the packages can be imported
 * @param {string} to the `node_modules` folder to fill
 */
export async function copyPackages(names, from, to) {
  const placed = new Map();
  const queue = names.map((name) => ({ name, from, parent: to, optional: false }));
  for (const { name, from: importer, parent, optional } of queue) {
    const source = findPackage(name, importer);
    if (source === undefined) {
      if (optional) {
        continue;
      }
      throw new Error(`The package ${name}, which ${importer} needs, is not installed. Run: npm ci`);
    }
    const top = join(to, name);
    if (placed.get(top) === source) {
      continue;
    }
    const target = placed.has(top) ? join(parent, 'node_modules', name) : top;
    if (placed.get(target) === source) {
      continue;
    }
    placed.set(target, source);
    await mkdir(target, { recursive: true });
    await cp(source, target, { recursive: true, dereference: true, filter: (path) => wanted(source, path) });
    const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
    const optionalPeers = manifest.peerDependenciesMeta ?? {};
    for (const needed of Object.keys(manifest.dependencies ?? {})) {
      queue.push({ name: needed, from: source, parent: target, optional: false });
    }
    for (const needed of Object.keys(manifest.optionalDependencies ?? {})) {
      queue.push({ name: needed, from: source, parent: target, optional: true });
    }
    for (const needed of Object.keys(manifest.peerDependencies ?? {})) {
      if (optionalPeers[needed]?.optional !== true) {
        queue.push({ name: needed, from: source, parent: target, optional: false });
      }
    }
  }
}

function wanted(source, path) {
  const inside = relative(source, path);
  return !(unneeded.test(inside) || inside === 'node_modules' || inside.startsWith('node_modules/'));
}

function packageName(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function findPackage(name, importer) {
  for (let folder = importer; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) {
      return candidate;
    }
    if (dirname(folder) === folder) {
      return undefined;
    }
  }
}
