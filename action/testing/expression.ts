/** The values that expressions of a workflow use: `github.event_name`, `steps.run.outputs.json`. */
export type Values = Readonly<Record<string, string>>;

/** Replaces `${{ NAME }}` in a text. A name without a value is empty, as on GitHub. */
export function filled(text: string, values: Values): string {
  return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => values[name] ?? '');
}

/**
 * Evaluates the condition of a step: names, texts in quotes, `==`, `!=`, `&&`, `||`, `always()` and parentheses.
 * Without `always()`, a condition is false after a failure.
 * @throws Error for any other syntax
 */
export function holds(condition: string, values: Values, failed: boolean): boolean {
  const tokens = condition.match(/'[^']*'|==|!=|&&|\|\||[()]|[\w.-]+|\S/g) ?? [];
  let at = 0;
  const take = (): string => tokens[at++] ?? '';

  const either = (): boolean => {
    let value = both();
    while (tokens[at] === '||') {
      take();
      // Both sides are parsed in any case.
      const other = both();
      value = value || other;
    }
    return value;
  };
  const both = (): boolean => {
    let value = comparison();
    while (tokens[at] === '&&') {
      take();
      const other = comparison();
      value = value && other;
    }
    return value;
  };
  const comparison = (): boolean => {
    if (tokens[at] === '(') {
      take();
      const value = either();
      if (take() !== ')') throw new Error(`unbalanced: ${condition}`);
      return value;
    }
    if (tokens[at] === 'always' && tokens[at + 1] === '(') {
      at += 3;
      return true;
    }
    const left = operand(take());
    if (tokens[at] !== '==' && tokens[at] !== '!=') return left !== '' && left !== 'false';
    return take() === '==' ? left === operand(take()) : left !== operand(take());
  };
  const operand = (token: string): string => {
    if (token.startsWith("'")) return token.slice(1, -1);
    if (!/^[\w.-]+$/.test(token)) throw new Error(`unknown syntax at "${token}": ${condition}`);
    return values[token] ?? '';
  };

  const value = either();
  if (at !== tokens.length) throw new Error(`unknown syntax at "${tokens[at]}": ${condition}`);
  return value && (condition.includes('always()') || !failed);
}
