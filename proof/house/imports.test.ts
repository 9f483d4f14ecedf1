import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { deniedImports, layers } from './layers.ts';

const root = packageRoot();
const folders = [
  'base',
  'client',
  'conformance',
  'fixtures',
  'gateway',
  'proof',
  'proto',
  'reference-runtime',
  'runners',
];

/** Paths of all source files except tests. */
function sources(): readonly string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter(
      (path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts') && !path.includes(`${sep}testing${sep}`),
    );
}

/** Returns the layer of a file: its top folder, or within `conformance` a path such as `conformance/wire`. */
function layerOf(path: string): string {
  const [first = '', ...rest] = dirname(path).split(sep);
  if (first !== 'conformance' || rest.length === 0) return first;
  return [first, ...rest.slice(0, rest[0] === 'drivers' ? 2 : 1)].join('/');
}

test('folders import only lower layers', () => {
  const wrong: string[] = [];
  for (const path of sources()) {
    const layer = layerOf(path);
    const allowed = layers[layer];
    const denied = deniedImports[layer] ?? [];
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = relative(root, join(root, dirname(path), specifier));
      const other = layerOf(target);
      const fits =
        other === layer ||
        (allowed === undefined
          ? !denied.includes(other)
          : allowed.includes(other) || allowed.includes(target));
      if (!fits) wrong.push(`${path} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the app of HTML reports imports only itself and the types of its data', () => {
  const folder = join('conformance', 'formats', 'html');
  const wrong = sources()
    .filter((path) => path.startsWith(join(folder, 'app')) || path.startsWith(join(folder, 'data')))
    .flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/from '(\.[^']+)'/g)]
        .map(([, specifier = '']) => relative(root, join(root, dirname(path), specifier)))
        .filter((target) => !['app', 'data'].some((own) => target.startsWith(join(folder, own) + sep)))
        .map((target) => `${path} imports ${target}`),
    );
  expect(wrong).toEqual([]);
});

test('every folder is listed with folders of lower layers', () => {
  const used = new Set(sources().map(layerOf));
  expect(
    [...used].filter((layer) => layers[layer] === undefined && deniedImports[layer] === undefined),
  ).toEqual([]);
  const order = Object.keys(layers);
  for (const [layer, allowed] of Object.entries(layers)) {
    const above = allowed.filter(
      (other) => !other.endsWith('.ts') && !(order.indexOf(other) < order.indexOf(layer)),
    );
    expect(above, layer).toEqual([]);
  }
});
