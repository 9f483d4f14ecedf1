import { describe, expect, it } from 'vitest';
import { readMarkers, replaceMarked, sealMarked, sealOf } from './markers.ts';

const inline = 'There are <!-- generated: cases -->3<!-- /generated --> cases.\n';
const block = '<!-- recorded: 2026-11-28, ls -->\n```\na\n```\n<!-- /recorded -->\n';

describe('readMarkers', () => {
  it('finds markers within a line and around several lines', () => {
    const { markers, problems } = readMarkers(inline + block);
    expect(problems).toEqual([]);
    expect(markers).toMatchObject([
      { kind: 'generated', label: 'cases', content: '3', line: 1, isBlock: false },
      { kind: 'recorded', label: '2026-11-28, ls', content: '\n```\na\n```\n', line: 2, isBlock: true },
    ]);
  });

  it('skips examples in code', () => {
    expect(readMarkers('from `<!-- generated: NAME -->` to `<!-- /generated -->`')).toEqual({
      markers: [],
      problems: [],
    });
  });

  it('finds a marker around code', () => {
    const { markers, problems } = readMarkers('is <!-- generated: id -->`GW-1`<!-- /generated -->.');
    expect(markers).toMatchObject([{ content: '`GW-1`' }]);
    expect(problems).toEqual([]);
  });

  it.each([
    ['a marker that is not closed', 'a <!-- generated: cases -->3', 1, 'is not closed'],
    [
      'a marker within another',
      'a <!-- generated: a --><!-- generated: b -->3<!-- /generated -->',
      1,
      'is not closed',
    ],
    ['an end without a beginning', '\na 3<!-- /generated -->', 2, 'does not close a marker'],
    ['an end of another kind', 'a <!-- generated: a -->3<!-- /recorded -->', 1, 'does not close a marker'],
    ['a marker without a label', 'a <!-- generated -->3<!-- /generated -->', 1, 'needs a label'],
    ['a marker at the start of a line', '<!-- generated: a -->3<!-- /generated --> b', 1, 'must not begin'],
    [
      'a block within a line',
      'a <!-- generated: a -->\n3\n<!-- /generated -->',
      1,
      'must be on separate lines',
    ],
  ])('reports %s with its line', (_, text, line, message) => {
    expect(readMarkers(text).problems).toContainEqual({ line, message: expect.stringContaining(message) });
  });
});

describe('sealMarked', () => {
  it('seals recorded content, so that a later edit breaks the seal', () => {
    const sealed = sealMarked(inline + block, () => true);
    expect(sealed).toBe(inline + block.replace('/recorded', `/recorded: ${sealOf('\n```\na\n```\n')}`));
    const [, marker] = readMarkers(sealed.replace('\na\n', '\nb\n')).markers;
    expect(marker?.seal).not.toBe(sealOf(marker?.content ?? ''));
    expect(sealMarked(sealed, () => true)).toBe(sealed);
  });
});

describe('replaceMarked', () => {
  it('replaces the content of markers and keeps the rest', () => {
    expect(replaceMarked(inline, () => '4')).toBe(inline.replace('3', '4'));
    expect(replaceMarked(inline + block, () => undefined)).toBe(inline + block);
  });
});
