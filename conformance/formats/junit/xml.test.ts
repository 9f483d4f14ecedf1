import { expect, test } from 'vitest';
import { attributes, escapeAttribute, escapeText } from './xml.ts';

test('escapes markup', () => {
  expect(escapeText('a < b && c > "d"')).toBe('a &lt; b &amp;&amp; c &gt; "d"');
  expect(escapeText(']]>')).toBe(']]&gt;');
  expect(escapeAttribute('"a"\n\tb\r')).toBe('&quot;a&quot;&#10;&#9;b&#13;');
});

test('replaces characters that XML 1.0 cannot represent', () => {
  expect(escapeText('a\0b\x1bc\ufffed\ud800e')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
  expect(escapeText('tab\tline\nemoji 😀')).toBe('tab\tline\nemoji 😀');
});

test('omits attributes without a value', () => {
  expect(attributes({ a: 1, b: undefined, c: '<' })).toBe('a="1" c="&lt;"');
});
