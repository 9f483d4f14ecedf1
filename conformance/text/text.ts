/**
 * Escapes invisible and control characters and the prefixes of CI commands, so that a target's text controls neither
 * the reader's terminal nor the CI system, and cannot hide or reorder the text that a person reads.
 */
export function visible(text: string): string {
  return escapeInvisible(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
    return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
  });
}

/**
 * Replaces every character that `visible` escapes.
 * @param render receives one character, which may be a surrogate pair
 */
export function escapeInvisible(text: string, render: (character: string) => string): string {
  return text.replace(commandPrefix, () => `${render('#')}#`).replace(invisibleCharacters, render);
}

/** Like `visible`, but also escapes line breaks, so that a target's text cannot imitate a line of the kit. */
export function oneLine(text: string): string {
  return visible(text.replace(/\r?\n/g, '\\n'));
}

// C0 except tab and line feed, DEL, C1, soft hyphen, zero-width and bidirectional controls, line separators, byte order
// mark, annotations and tags.
const invisibleCharacters =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters on purpose
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

// Commands of GitHub Actions, Azure Pipelines and TeamCity, some of which also work in the middle of a line.
const commandPrefix = /##(?=\[|vso\[|teamcity\[)/gi;

/**
 * Returns the text, or its start and the number of omitted characters (UTF-16 units). A text that was cut before keeps
 * its whole number of omitted characters.
 */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const [note = '', omitted = ''] = cutNote.exec(text.slice(-maxNoteLength)) ?? [];
  const kept = text.length - note.length;
  if (note !== '' && kept <= limit) return text;
  // Do not cut a surrogate pair in half.
  const code = text.charCodeAt(limit - 1);
  const end = code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit;
  const before = Number(omitted.replaceAll(',', ''));
  return `${text.slice(0, end)}… (${count(kept - end + before, 'more character')})`;
}

const maxNoteLength = 40;
const cutNote = /… \((\d{1,3}(?:,\d{3}){0,3}) more characters?\)$/;

/** Returns the text, shortened with an ellipsis to at most `width` characters. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`;
}

/** Returns all lines, or the first and last ones around a line with the number of omitted lines. */
export function cutLines(lines: readonly string[], limit: number): readonly string[] {
  return linesOf(lines, { limit, noun: 'line', render: (line) => line });
}

/** Renders a line for each item, or for the first and last ones around a line with the number of omitted items. */
export function linesOf<T>(
  items: readonly T[],
  { limit, noun, render }: { limit: number; noun: string; render: (item: T) => string },
): readonly string[] {
  if (items.length <= limit) return items.map(render);
  const head = Math.ceil(limit * 0.6);
  return [
    ...items.slice(0, head).map(render),
    `… ${count(items.length - limit, noun)} left out …`,
    ...items.slice(items.length - (limit - head)).map(render),
  ];
}

/** Wraps the text at `width` characters. Breaks at spaces, or inside a word that is longer than a line. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(width, 20)));
}

function wrapLine(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > width / 2 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(space > width / 2 ? end + 1 : end);
  }
  return [...lines, rest];
}

/** Formats a count: `1 case`, `1,200 cases`. */
export function count(amount: number, noun: string): string {
  const grouped = String(amount).replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${grouped} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Formats a duration: `0.33 s`, `12.4 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Lists the first values and counts the rest: `a, b and 3 more`. */
export function firstOf(values: readonly string[], limit: number): string {
  const shown = values.slice(0, limit).join(', ');
  return values.length > limit ? `${shown} and ${values.length - limit} more` : shown;
}

/** Lists values: `a, b or c`. */
export function listed(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
