/**
 * Whether a caller takes server-sent events: `accept` names `text/event-stream` (GW-1). A caller that takes anything gets
 * an answer in one piece, which every HTTP client can read.
 * @param values of the header field `accept`
 */
export function acceptsEventStream(values: readonly string[]): boolean {
  return values
    .join(',')
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim().toLowerCase()))
    .some(([type, ...parameters]) => {
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return type === 'text/event-stream' && (weight === undefined || Number(weight.slice(2)) > 0);
    });
}
