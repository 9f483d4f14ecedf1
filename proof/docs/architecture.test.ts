import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { deniedImports, layers } from '../house/layers.ts';

const page = readFileSync(join(packageRoot(), 'docs', 'architecture.md'), 'utf8');
const [layerDiagram = '', ...sequenceDiagrams] = [...page.matchAll(/```mermaid\n(.*?)```/gs)].map(
  ([, diagram = '']) => diagram,
);

/** The folders that each node of the layer diagram represents. */
const nodes = new Map(
  [...layerDiagram.matchAll(/(\w+)\["([\w/-]+)\/"\]/g)].map(([, node = '', folder = '']) => [node, folder]),
);
const arrows = [...layerDiagram.matchAll(/(\w+)(?:\["[^"]*"\])? --(?: "[^"]*" --)?> (\w+)/g)].map(
  ([, from = '', to = '']) => [layersOf(from), layersOf(to)] as const,
);

/** Returns the names of the layers that a node represents. `drivers` represents two. */
function layersOf(node: string): readonly string[] {
  const folder = nodes.get(node) ?? '';
  const names = [...Object.keys(layers), ...Object.keys(deniedImports)];
  return names.filter((name) => name === folder || name.startsWith(`conformance/${folder}`));
}

describe('the layer diagram', () => {
  it('shows every layer that is not omitted', () => {
    const shown = new Set([...nodes.keys()].flatMap(layersOf));
    const omitted = ['base', 'fixtures', 'conformance', 'conformance/text'];
    const all = [...Object.keys(layers), ...Object.keys(deniedImports)];
    expect(all.filter((name) => !shown.has(name) && !omitted.includes(name))).toEqual([]);
  });

  it.each(arrows)('has an arrow from %j to %j, which is a permitted import', (from, to) => {
    const isAllowed = (one: string, other: string) =>
      layers[one]?.some((each) => each === other || each.startsWith(`${other}/`)) ??
      deniedImports[one]?.includes(other) === false;
    expect(to).not.toEqual([]);
    expect(from.some((one) => to.some((other) => isAllowed(one, other)))).toBe(true);
  });
});

describe('the sequence diagrams', () => {
  const roots = ['.', 'reference-runtime', 'gateway'];

  it.each(sequenceDiagrams.map((diagram, index) => [roots[index] ?? '', diagram] as const))(
    'name existing files and folders in %s',
    (root, diagram) => {
      const names = [...diagram.matchAll(/participant \w+ as (\S*[/.]\S*)$/gm)].map(([, name = '']) => name);
      expect(names.length).toBeGreaterThan(3);
      expect(names.filter((name) => !existsSync(join(packageRoot(), root, name)))).toEqual([]);
    },
  );
});
