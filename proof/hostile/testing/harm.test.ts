import { describe, expect, test } from 'vitest';
import { harmIn } from './harm.ts';

/** Makes a page like the kit's, with data and a body. */
function page(data: string, body = ''): string {
  return `<!doctype html>
<html lang="en"><head><title>a</title><style>a > b {}</style></head>
<body>${body}<script type="application/json" id="report">${data}</script><script>a < b && c</script></body></html>
`;
}

describe('harm is found', () => {
  test.each<[string, string]>([
    ['terminal', 'a\x1b[2Jb'],
    ['terminal', 'a\u202eb'],
    ['terminal', 'a\u200bb'],
    ['terminal', '  ::error::owned'],
    ['terminal', 'a ##[add-mask]b'],
    ['terminal', 'section_start:1:a\r\x1b[0K'],
    ['json', '{"a":"\u202e"}'],
    ['json', '{"a":"##[error]b"}'],
    ['junit', '<testsuite name="a"><script>b</script></testsuite>'],
    ['junit', '<testsuite name="a" onload="b"/>'],
    ['junit', '<testsuite name="&b"/>'],
    ['junit', '<failure>##vso[a]</failure>'],
    ['svg', '<svg><a href="javascript:b">c</a></svg>'],
    ['svg', '<svg onload="b"></svg>'],
    ['svg', '<svg><text>\u2066</text></svg>'],
    ['html', page('{"a":"<b>"}')],
    ['html', page('{}', '<img src="x">')],
    ['html', page('{}', '<p onclick="x"></p>')],
    ['html', page('{}', '\u202e')],
    ['markdown', 'a <img src=x>'],
    ['markdown', '[a](javascript:b)'],
    ['markdown', 'see https://evil.example'],
    ['markdown', 'see www.evil.example'],
    ['markdown', '@everyone'],
    ['markdown', 'fixes #1'],
    ['markdown', 'fixes GH-1'],
    ['markdown', '| a | b'],
    ['markdown', 'a &lt; b'],
    ['markdown', '`a` <b>'],
  ])('in %s: %j', (format, text) => {
    expect(harmIn(format, text)).not.toEqual([]);
  });

  test.each<[string, string]>([
    ['terminal', 'a \\x1b[2J :: \\x23#[error]'],
    ['json', '{"a":"<script>::error::"}'],
    [
      'junit',
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="&lt;b&gt;"><failure>a &amp; b</failure></testsuite>',
    ],
    ['html', page('{"a":"\\u003cb>"}', '<p>&lt;b></p>')],
    ['svg', '<svg width="1"><title>&lt;b&gt;</title></svg>'],
    [
      'markdown',
      '# a\n\n| \\<b\\> | https\\://a |\n| --- | --- |\n\n```\n<b> @a #1 https://a\n```\n\n`<b>` @\u200ba \\#1\n',
    ],
  ])('but not in harmless %s: %j', (format, text) => {
    expect(harmIn(format, text)).toEqual([]);
  });

  test('in a code block that does not end', () => {
    expect(() => harmIn('markdown', '```\na')).toThrow('a code block does not end');
  });
});
