/**
 * The pattern of `$regex`, as JavaScript has them with flag u. `(?i)` at its beginning lets the case of letters be.
 * @throws SyntaxError
 */
export function regularExpression(source: string): RegExp {
  return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'iu') : new RegExp(source, 'u');
}
