/** Characters that no report may contain as they are: control, invisible and bidirectional characters. */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression matches control characters
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

/** Commands that a CI system also executes in the middle of a line. */
const commands = /##(?:\[|vso\[|teamcity\[)/i;

/**
 * Finds markup and commands in a report that the kit does not write itself.
 * @param format the name of the format, or `terminal`
 * @returns excerpts, for the message of a test
 */
export function harmIn(format: string, text: string): readonly string[] {
  const find = finders.get(format);
  if (find === undefined) throw new Error(`no rule for reports of the format ${format}; add one`);
  return find(text);
}

const finders: ReadonlyMap<string, (text: string) => readonly string[]> = new Map([
  ['terminal', (text) => matches(text, invisible, commands, /^\s*::/m)],
  [
    'json',
    (text) => {
      JSON.parse(text);
      return matches(text, invisible, commands, /^\s*::/m);
    },
  ],
  ['junit', (text) => [...matches(text, invisible, commands, /^\s*::/m), ...xmlHarm(text, junitTags)]],
  ['svg', (text) => [...matches(text, invisible, commands), ...xmlHarm(text, svgTags)]],
  [
    'markdown',
    (text) => [...matches(text.replaceAll('@\u200b', '@'), invisible, commands), ...markdownHarm(text)],
  ],
  ['html', htmlHarm],
]);

const junitTags = [
  'testsuites',
  'testsuite',
  'testcase',
  'failure',
  'error',
  'skipped',
  'properties',
  'property',
];
const svgTags = ['svg', 'title', 'text', 'rect'];

function matches(text: string, ...patterns: readonly RegExp[]): readonly string[] {
  return patterns.flatMap((pattern) => {
    const found = pattern.exec(text);
    return found === null ? [] : [`${pattern}: ${excerpt(text, found.index)}`];
  });
}

function excerpt(text: string, at: number): string {
  return JSON.stringify(text.slice(Math.max(0, at - 80), at + 80));
}

/** Finds tags that are not in the list, event handlers, and `<` and `&` that are not escaped. */
function xmlHarm(text: string, tags: readonly string[]): readonly string[] {
  const tag = /<(?:\/([a-z]+)|([a-z]+)((?:\s[\w:-]+="[^"<]*")*)\s*\/?)>/g;
  const body = text.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>/, '');
  const rest = body.replace(
    tag,
    (whole, closed: string | undefined, opened: string | undefined, attributes = '') => {
      const isKnown =
        tags.includes(closed ?? opened ?? '') &&
        !/\son\w+=|javascript:/i.test(attributes.replace(/="[^"]*"/g, '='));
      return isKnown ? '' : whole;
    },
  );
  return [...matches(rest, /</), ...matches(body, /&(?!(?:amp|lt|gt|quot|#\d+);)/)];
}

/** Finds markup outside of the program, the styles and the data of a page, and markup in its data. */
function htmlHarm(text: string): readonly string[] {
  const data = /<script type="application\/json" id="report">([^<]*)<\/script>/.exec(text)?.[1];
  if (data === undefined) return ['the data of the page contains markup'];
  JSON.parse(data);
  const rest = text
    .replace(data, '')
    .replace(/<style>.*?<\/style>/s, '')
    // The program is the last script of the page, and may contain the end of a tag in a text.
    .replace(/<script>.*<\/script>/s, '')
    .replace('<!doctype html>', '');
  return [...matches(rest, invisible), ...xmlHarm(rest, pageTags)];
}

const pageTags = ['html', 'head', 'meta', 'title', 'body', 'div', 'noscript', 'p', 'script'];

/** Finds HTML, links, mentions and broken tables outside of code. */
function markdownHarm(text: string): readonly string[] {
  const prose = withoutCode(text)
    // Clauses are text of the kit.
    .filter((line) => !line.startsWith('>'))
    .map((line) => line.replace(/\\[\\`*_[\]<>|#~&$:.)(+=-]/g, '').replace(/`[^`]*`/g, 'code'));
  const own = /<\/?details>|<\/?summary>|<br>/g;
  const tables = prose.filter((line) => line.startsWith('|'));
  return [
    ...prose.flatMap((line) =>
      matches(line.replace(own, ''), /[<&[\]]/, /:\/\//, /\bwww\./i, /@\w/, /(?<!^#*)#\d/, /~~/, /\bGH-\d/i),
    ),
    ...tables.flatMap((line) => (/^\|(?:[^|]*\|)+$/.test(line) ? [] : [`table: ${line.slice(0, 200)}`])),
  ];
}

/** Returns the lines outside of code blocks. @throws Error if a block does not end */
function withoutCode(text: string): readonly string[] {
  let fence = '';
  const lines = text.split('\n').filter((line) => {
    const found = /^(`{3,})(.*)$/.exec(line);
    if (fence === '') {
      fence = found?.[1] ?? '';
      return fence === '';
    }
    if (found?.[2] === '' && (found[1] ?? '').length >= fence.length) fence = '';
    return false;
  });
  if (fence !== '') throw new Error('a code block does not end');
  return lines;
}
