import { endOfString } from '../../base/json-scan.ts';
import { parseJson } from '../match/json.ts';

/** Thrown if part of a response cannot be decoded. The message begins with the violated clause, if any. */
export class ObservationError extends Error {
  override readonly name = 'ObservationError';
  readonly code = 'unreadable-response';
  /** The violated clause. */
  readonly clause: string | undefined;
  /** `body`: the content is invalid, which steps also check. `frame`: the response around the content is invalid. */
  readonly part: 'body' | 'frame';

  /** @param message `STREAM-4: the chunk with done carries data` */
  constructor(message: string, part: ObservationError['part'] = 'frame') {
    super(message);
    this.part = part;
    this.clause = /^([A-Z]+-[1-9]\d*): /.exec(message)?.[1];
  }
}

/** Maximum number of JSON values, more than any case needs. Parsed JSON is much larger than its text. */
const maxValues = 200_000;
/** Maximum nesting depth, low enough for code that writes or checks a value recursively. */
const maxDepth = 1_000;

/**
 * Parses JSON that a target sent.
 * @throws ObservationError for JSON that is too large or too deep, JsonError for text that is not JSON
 */
export function readJson(text: string): unknown {
  // A shorter text exceeds neither limit.
  if (text.length > maxDepth) checkSize(text);
  return parseJson(text);
}

function checkSize(text: string): void {
  let values = 1;
  let depth = 0;
  for (let index = 0; index < text.length; ) {
    const character = text[index];
    index = character === '"' ? endOfString(text, index) : index + 1;
    if (character === '[' || character === '{') {
      depth += 1;
      values += 1;
    } else if (character === ']' || character === '}') depth -= 1;
    else if (character === ',') values += 1;
    if (depth > maxDepth) throw new ObservationError(`the JSON is nested more than ${maxDepth} levels deep`);
    if (values > maxValues) throw new ObservationError(`the JSON has more than ${maxValues} values`);
  }
}
