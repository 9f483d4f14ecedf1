/**
 * The pattern of `$regex`: a JavaScript pattern with flag u. `(?i)` at its beginning ignores case.
 * @throws SyntaxError
 */
export function regularExpression(source: string): RegExp {
  return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'iu') : new RegExp(source, 'u');
}
