/** A string in JSON, or the text between two strings. */
const parts = /"(?:[^"\\]|\\.)*"|[^"]+/gs;
const numbers = /-?\d[\d.eE+-]*/g;
const mark = '\u0000';

/** The value of JSON text, and a function that writes a changed value. */
interface ReadJson {
  // biome-ignore lint/suspicious/noExplicitAny: faults reach into messages of any shape
  readonly value: any;
  readonly write: (changed: unknown) => string;
}

/** Parses JSON. Numbers that a double cannot represent keep their text until they are written. */
export function readJson(text: string): ReadJson {
  const kept: string[] = [];
  const keep = (token: string) =>
    JSON.stringify(Number(token)) === token ? token : JSON.stringify(mark + (kept.push(token) - 1));
  const marked = text.replace(parts, (part) => (part.startsWith('"') ? part : part.replace(numbers, keep)));
  const restore = (_: string, index: string) => kept[Number(index)] ?? '';
  return {
    value: JSON.parse(marked),
    write: (changed) => JSON.stringify(changed).replace(/"\\u0000(\d+)"/g, restore),
  };
}

/** Changes the value of JSON text. */
export function changedJson(text: string, change: (value: ReadJson['value']) => unknown): string {
  const { value, write } = readJson(text);
  return write(change(value));
}
