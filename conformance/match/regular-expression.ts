/**
 * Compiles the pattern of `$regex`, in JavaScript syntax with flag u. A leading `(?i)` ignores case.
 * @throws SyntaxError
 */
export function regularExpression(source: string): RegExp {
  return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'iu') : new RegExp(source, 'u');
}
