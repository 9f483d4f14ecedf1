import { describe, expect, it } from 'vitest';
import { hasWiderObject } from './widest-object.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('LIMIT-5: hasWiderObject', () => {
  it.each([
    ['{"a":1,"b":2,"c":3}', 3],
    ['{"a":{"b":1,"c":2},"d":{"e":1,"f":2,"g":{}}}', 3],
    ['[{"a":1},{"a":1},{"a":1},{"a":1},{"a":1}]', 1],
    ['{"a:b:c:d":":{::"}', 1],
    ['{"a\\\\":"\\":{:","b":1}', 2],
    ['{"a":1,"b":[1,{"c":1}],"d":1}', 3],
    ['}}{"a":1', 1],
    ['"unfinished :::', 0],
    ['', 0],
  ])('counts the members of each object in %s', (text, widest) => {
    expect(hasWiderObject(bytes(text), widest)).toBe(false);
    if (widest > 0) expect(hasWiderObject(bytes(text), widest - 1)).toBe(true);
  });

  it('agrees with JSON.parse', () => {
    const names = ['', 'a', 'a"b', '\\\\', '\\"', ':', '{', '}', '\\u0022'];
    for (let count = 1; count <= names.length; count++) {
      const value = Object.fromEntries(names.slice(0, count).map((name) => [name, name]));
      const text = bytes(JSON.stringify({ outer: [value, { ...value }] }));
      expect(hasWiderObject(text, count)).toBe(false);
      if (count > 1) expect(hasWiderObject(text, count - 1)).toBe(true);
    }
  });
});
