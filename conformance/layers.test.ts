import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../base/package-root.ts';

/** The only thing that the engine takes from the runtime's folder: the client's parser of server-sent events. */
const sseParser = ['reference-runtime/client/sse-parser.ts', 'reference-runtime/client/errors.ts'];

/** The sources in a folder that is a part of a room. */
function inFolder(folder: string): readonly string[] {
  return readdirSync(join(packageRoot(), folder), { encoding: 'utf8' }).map((name) => join(folder, name));
}

/** What each room may import besides itself. Rooms in `conformance/` are named by their folder in it. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  proto: [],
  fixtures: ['proto'],
  'reference-runtime': ['proto'],
  // A gateway reaches its runtime through the client alone.
  gateway: ['proto', ...inFolder('reference-runtime/client')],
  // A runner knows no case and no gRPC.
  runners: [],
  text: [],
  case: ['runners'],
  verdict: ['case', 'runners', 'text'],
  contract: ['conformance'],
  match: ['verdict', 'conformance'],
  fixture: ['case', 'contract', 'match', 'text', 'conformance'],
  wire: ['verdict', 'runners'],
  observe: ['proto', 'wire', 'match', ...sseParser],
  run: ['proto', 'runners', 'case', 'match', 'observe', 'verdict', 'wire', 'fixture', 'text', 'conformance'],
  // The run's own failures and deadlines serve here as well; its engine does not.
  'gateway-check': [
    'proto',
    'runners',
    'case',
    'contract',
    'match',
    'fixture',
    'run',
    'text',
    'verdict',
    'wire',
    'conformance',
  ],
  // A report knows no socket and no engine.
  report: ['case', 'contract', 'verdict', 'runners', 'text'],
  'known-failures': ['verdict', 'report', 'fixture', 'text'],
  // A matrix puts reports side by side.
  matrix: ['case', 'report', 'text', 'verdict'],
  compare: ['report', 'text', 'conformance'],
  config: ['fixture', 'conformance'],
  'proto-check': [
    'proto',
    'runners',
    'case',
    'contract',
    'matrix',
    'report',
    'run',
    'text',
    'verdict',
    'conformance',
  ],
  // Drives the command line from outside.
  official: ['config', 'conformance'],
  bench: ['case', 'fixture', 'run', 'runners', 'verdict', 'conformance'],
  record: ['match', 'run', 'fixture', 'runners', 'conformance'],
};

const root = packageRoot();

function sources(): string[] {
  return ['proto', 'fixtures', 'reference-runtime', 'gateway', 'runners', 'conformance']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter(
      (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes(`${sep}testing${sep}`),
    );
}

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split(sep);
  return first === 'conformance' && !second.endsWith('.ts') ? second : first;
}

test('imports go one way', () => {
  const wrong: string[] = [];
  for (const path of sources()) {
    const room = roomOf(path);
    const may = allowed[room];
    // The command line and the library's index put everything together.
    if (may === undefined) continue;
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = relative(root, join(root, dirname(path), specifier));
      const fits = roomOf(target) === room || may.includes(roomOf(target)) || may.includes(target);
      if (!fits) wrong.push(`${path} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('every room of the engine is listed, but for the command line', () => {
  const rooms = new Set(sources().map(roomOf));
  const unlisted = [...rooms].filter((room) => allowed[room] === undefined);
  expect(unlisted.sort()).toEqual(['cli', 'conformance', 'hostile'].filter((room) => rooms.has(room)));
});
