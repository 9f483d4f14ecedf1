import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';

/**
 * Folders from the lowest layer to the highest, each with the folders that it may import. Imports between folders go one
 * way. Biome detects cycles between files (`noImportCycles`).
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  proto: [],
  fixtures: [],
  client: ['base', 'proto'],
  runners: ['base'],
  'reference-runtime': ['base', 'proto'],
  gateway: ['base', 'client', 'proto'],
  'conformance/text': [],
  'conformance/case': ['runners'],
  'conformance/match': ['base', 'conformance/text'],
  'conformance/load': ['base', 'conformance/case', 'conformance/match', 'conformance/text', 'proto'],
  'conformance/wire': ['base', 'runners'],
  // From the client, only the SSE parser and its errors: a runtime may send malformed events.
  'conformance/observe': [
    'base',
    'client/sse-parser.ts',
    'client/errors.ts',
    'conformance/match',
    'conformance/wire',
    'proto',
  ],
  // Independent of runtimes and gateways. Drivers call them.
  'conformance/engine': [
    'base',
    'conformance/case',
    'conformance/match',
    'conformance/text',
    'conformance/wire',
    'runners',
  ],
  'conformance/drivers/runtime': [
    'base',
    'conformance/case',
    'conformance/engine',
    'conformance/match',
    'conformance/observe',
    'conformance/text',
    'conformance/wire',
    'proto',
    'runners',
  ],
  'conformance/drivers/gateway': [
    'base',
    'conformance/case',
    'conformance/engine',
    'conformance/match',
    'conformance/text',
    'conformance/wire',
    'proto',
    'runners',
  ],
  'conformance/judge': ['base', 'conformance/case', 'conformance/engine', 'conformance/text'],
  'conformance/plan': [
    'base',
    'conformance/case',
    'conformance/engine',
    'conformance/load',
    'conformance/text',
    'runners',
  ],
  // Independent of sockets and drivers.
  'conformance/report': [
    'base',
    'conformance/case',
    'conformance/engine',
    'conformance/judge',
    'conformance/load',
    'conformance/match',
    'conformance/text',
    'conformance/wire',
    'runners',
  ],
  // Turns a plan into a report: starts the target, runs the cases, judges the results.
  'conformance/check': [
    'base',
    'conformance/case',
    'conformance/drivers/gateway',
    'conformance/drivers/runtime',
    'conformance/engine',
    'conformance/judge',
    'conformance/load',
    'conformance/plan',
    'conformance/report',
    'runners',
  ],
  'conformance/matrix': [
    'base',
    'conformance/case',
    'conformance/check',
    'conformance/engine',
    'conformance/judge',
    'conformance/load',
    'conformance/plan',
    'conformance/report',
    'conformance/text',
    'runners',
  ],
  'conformance/compare': ['base', 'conformance/report', 'conformance/text'],
  'conformance/proto-check': [
    'base',
    'conformance/case',
    'conformance/drivers/runtime',
    'conformance/engine',
    'conformance/judge',
    'conformance/load',
    'conformance/matrix',
    'conformance/report',
    'conformance/text',
    'conformance/wire',
    'proto',
    'runners',
  ],
  // One folder per format. To add a format, add a folder and a line in `index.ts`.
  'conformance/formats': [
    'base',
    'conformance/case',
    'conformance/engine',
    'conformance/judge',
    'conformance/match',
    'conformance/matrix',
    'conformance/proto-check',
    'conformance/report',
    'conformance/text',
    'conformance/wire',
    'runners',
  ],
};

/** Top-level folders, each with the folders that it must not import. */
const top: Readonly<Record<string, readonly string[]>> = {
  conformance: ['conformance/cli', 'proof'],
  'conformance/cli': ['conformance', 'proof'],
  proof: [],
};

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
      (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes(`${sep}testing${sep}`),
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
    const denied = top[layer] ?? [];
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

test('every folder is listed with folders of lower layers', () => {
  const used = new Set(sources().map(layerOf));
  expect([...used].filter((layer) => layers[layer] === undefined && top[layer] === undefined)).toEqual([]);
  const order = Object.keys(layers);
  for (const [layer, allowed] of Object.entries(layers)) {
    const above = allowed.filter(
      (other) => !other.endsWith('.ts') && !(order.indexOf(other) < order.indexOf(layer)),
    );
    expect(above, layer).toEqual([]);
  }
});
