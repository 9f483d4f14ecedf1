import { expect, test } from 'vitest';
import { diffText, renderDiff } from './diff.ts';
import { match } from './match.ts';
import { SchemaSet } from './schema-set.ts';

const context = { variables: new Map<string, unknown>(), schemas: new SchemaSet() };

function draw(pattern: unknown, actual: unknown, limit?: number): string {
  const { differences } = match(pattern, actual, context);
  return diffText(renderDiff({ actual, differences, limit }));
}

test('expands members that differ and keeps the others on one line', () => {
  const pattern = { status: 200, message: { id: 1, result: { content: ['a', 'b', 'c'], gone: 1 } } };
  const actual = { status: 404, message: { id: 1, result: { content: ['a', 'x', 'c'], more: {} } } };
  expect(draw(pattern, actual)).toBe(`  {
-   "status": 200
+   "status": 404
    "message": {
      "id": 1
      "result": {
        "content": [
          … 1 matching item
-         "b"
+         "x"
          … 1 matching item
        ]
+       "more": {}
-       "gone": 1
      }
    }
  }`);
});

test('renders a difference of the whole value on two lines', () => {
  expect(draw({ $type: 'string' }, 7)).toBe('- a string\n+ 7');
});

test('bounds the number of lines and their length', () => {
  const many = Array.from({ length: 1000 }, () => 'y');
  const lines = draw({ $each: 'x' }, many, 10).split('\n');
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe('  …');
  expect(draw({ a: 1 }, { a: 2, b: 'x'.repeat(4 << 20) }).length).toBeLessThan(1000);
});
