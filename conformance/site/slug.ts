import { createHash } from 'node:crypto';

/** Names that are used as they are: short, in lower case, and a valid file name everywhere. */
const plain = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;
/** The end of a generated name. A plain name with this form could equal a generated one. */
const made = /-[0-9a-f]{16}$/;
/** Device names of Windows, which cannot be file names there. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * Returns the folder name of an implementation. It consists of `a-z`, `0-9` and `-`, is different for different names,
 * and does not depend on the other implementations, so that links stay valid.
 * @param name any text
 */
export function slugOf(name: string): string {
  if (plain.test(name) && !made.test(name) && !reserved.test(name)) return name;
  const words = name
    .slice(0, 200)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  return `${words === '' ? 'x' : words}-${hashOf(name, 16)}`;
}

/** Returns the first hexadecimal digits of the SHA-256 of a text. */
export function hashOf(text: string, digits: number): string {
  // JSON keeps lone surrogates apart, which UTF-8 cannot represent.
  return createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, digits);
}
