import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';

/**
 * The rooms of the house, lowest floor first, each with the rooms that it may import besides itself. Circles between
 * files are Biome's to find (`noImportCycles`); here imports between rooms go one way.
 */
const floors: Readonly<Record<string, readonly string[]>> = {
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
  // Of the client, the parser of server-sent events alone: a runtime may send malformed ones.
  'conformance/observe': [
    'base',
    'client/sse-parser.ts',
    'client/errors.ts',
    'conformance/match',
    'conformance/wire',
    'proto',
  ],
  // Knows neither runtimes nor gateways: a driver reaches those.
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
  // Knows no socket and no driver.
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
  // From a plan to a report: starts the target, runs, judges.
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

/** Rooms that put everything together: the library's index, the command line, and the proof of the kit itself. */
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

/** The sources of the house, without their tests. */
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

/** `conformance/wire`, `conformance/drivers/runtime`, or the top folder outside of `conformance`. */
function roomOf(path: string): string {
  const [first = '', ...rest] = dirname(path).split(sep);
  if (first !== 'conformance' || rest.length === 0) return first;
  return [first, ...rest.slice(0, rest[0] === 'drivers' ? 2 : 1)].join('/');
}

test('imports between rooms go one way', () => {
  const wrong: string[] = [];
  for (const path of sources()) {
    const room = roomOf(path);
    const allowed = floors[room];
    const denied = top[room] ?? [];
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = relative(root, join(root, dirname(path), specifier));
      const other = roomOf(target);
      const fits =
        other === room ||
        (allowed === undefined
          ? !denied.includes(other)
          : allowed.includes(other) || allowed.includes(target));
      if (!fits) wrong.push(`${path} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('every room is listed, and lists only rooms below it', () => {
  const rooms = new Set(sources().map(roomOf));
  expect([...rooms].filter((room) => floors[room] === undefined && top[room] === undefined)).toEqual([]);
  const order = Object.keys(floors);
  for (const [room, allowed] of Object.entries(floors)) {
    const above = allowed.filter(
      (other) => !other.endsWith('.ts') && !(order.indexOf(other) < order.indexOf(room)),
    );
    expect(above, room).toEqual([]);
  }
});
