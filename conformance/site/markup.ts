import { cut } from '../text/text.ts';

/** Text that is markup already. Everything else becomes text when it is put into markup. */
export class Markup {
  readonly #text: string;

  /** @param text valid HTML or XML, in which every text of a report is escaped */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Insert = Markup | string | number | undefined | readonly Insert[];

/**
 * Makes HTML or XML from a template. Inserted texts and numbers are escaped, and undefined inserts nothing. Inserts
 * must be in content, or in attribute values within double quotes.
 */
export function markup(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Markup {
  return new Markup(
    parts.reduce((text, part, index) => `${text}${part}${rendered(inserts[index])}`, '').replace(/^\n/, ''),
  );
}

function rendered(insert: Insert): string {
  if (insert === undefined) return '';
  if (insert instanceof Markup) return insert.toString();
  if (Array.isArray(insert)) return insert.map(rendered).join('');
  return escaped(String(insert));
}

/** Maximum length of a text from a report on a page, in characters. */
const maxLength = 400;

/**
 * Escapes text for HTML and XML, and bounds its length. Characters that are invisible or change the direction of text
 * appear as their code, so that a text cannot look like another one.
 */
function escaped(text: string): string {
  return cut(text, maxLength)
    .replace(/[\t\r\n]+/g, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

// Controls, formats (zero-width, bidirectional, tags), line separators, private use, and the noncharacters of the BMP.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\ufffe\uffff]/gu;

/** Makes the name of something in a report: isolated, so that its direction does not affect the text around it. */
export function named(text: string): Markup {
  return markup`<bdi>${text}</bdi>`;
}
