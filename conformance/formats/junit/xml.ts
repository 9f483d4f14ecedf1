/** Renders the attributes of an XML element. Attributes without a value are omitted. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${escapeAttribute(String(value))}"`]))
    .join(' ');
}

/** Escapes text for XML 1.0. Characters that XML cannot represent even when escaped become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replace(notXml, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

/** Escapes an attribute value, and preserves its line ends and tabs. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

// Control characters, the two noncharacters of the BMP, and lone surrogates.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression matches control characters
const notXml = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu;
