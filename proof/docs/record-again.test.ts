import { describe, expect, it } from 'vitest';
import { layOut } from './record-again.ts';

const output = 'head\n\nFAILED a/b\n  A title\n\n  request\n\n  wire\n\n2 of 3 cases passed\n';

describe('layOut', () => {
  it('does not put Markdown into a code block', () => {
    expect(layOut('\n| a |\n', '| b |\n', 'npm test')).toBe('\n| b |\n');
  });

  it('keeps the code block and its command line', () => {
    expect(layOut('\n```\nold\n```\n', 'new\n', 'npm test')).toBe('\n```\nnew\n```\n');
    expect(layOut('\n```\n$ npm t\nold\n```\n', 'new\n', 'npm test')).toBe('\n```\n$ npm test\nnew\n```\n');
  });

  it('keeps the first line and the number of paragraphs of an excerpt', () => {
    const recorded = '\n```\nFAILED a/b\n  Old title\n\n  request\n\n  …\n```\n';
    expect(layOut(recorded, output, 'npm test')).toBe(
      '\n```\nFAILED a/b\n  A title\n\n  request\n\n  …\n```\n',
    );
  });

  it('rejects an excerpt whose first line is missing from the output', () => {
    expect(() => layOut('\n```\nFAILED x/y\n\n  …\n```\n', output, 'npm test')).toThrow('"FAILED x/y"');
  });
});
