/** Escapes control characters: the text of a target must not steer the reader's terminal. */
export function visible(text: string): string {
  return text.replace(controlCharacters, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same on one line: a line end in a target's text could pass for one of the kit's own. */
export function oneLine(text: string): string {
  return visible(text.replace(/\r?\n/g, '\\n'));
}

// C0 but tab and line feed, DEL and C1, and the characters that reverse the order of what follows.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controlCharacters = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text, or its beginning and the number of characters (UTF-16 units) left out. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // Not between the halves of a surrogate pair.
  const code = text.charCodeAt(limit - 1);
  const end = code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit;
  return `${text.slice(0, end)}… (${count(text.length - end, 'more character')})`;
}

/** The text, or its beginning with an ellipsis, in at most `width` characters. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`;
}

/** The lines, or the first and the last of them around a line with the number left out. */
export function cutLines(lines: readonly string[], limit: number): readonly string[] {
  return linesOf(lines, { limit, noun: 'line', render: (line) => line });
}

/** A line for each item, or for the first and the last around a line with the number left out. */
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

/** The text in lines of at most `width` characters, broken at spaces, or within a word that is longer. */
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

/** `1 case`, `1,200 cases`. */
export function count(amount: number, noun: string): string {
  const grouped = String(amount).replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${grouped} ${noun}${amount === 1 ? '' : 's'}`;
}

/** `0.33 s`, `12.4 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `a, b and 3 more`: the first values, and how many there are besides. */
export function firstOf(values: readonly string[], limit: number): string {
  const shown = values.slice(0, limit).join(', ');
  return values.length > limit ? `${shown} and ${values.length - limit} more` : shown;
}

/** `a, b or c` */
export function listed(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
