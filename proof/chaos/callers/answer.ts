import { SseParser } from '../../../client/sse-parser.ts';

/** The answer that a caller expects. */
export interface ExpectedAnswer {
  /** The id of the request. */
  readonly id: string;
  /** The text of the result. */
  readonly text: string | ((text: string) => boolean);
}

interface RpcMessage {
  readonly id?: unknown;
  readonly result?: { readonly content?: readonly { readonly text?: unknown }[] };
}

/**
 * Returns how the body of a successful answer differs from the expected one, or undefined if it is right.
 * `incomplete` means that the stream ended before the response.
 * @param type the content type
 */
export function wrongAnswer(
  type: string | undefined,
  body: string,
  { id, text }: ExpectedAnswer,
): string | 'incomplete' | undefined {
  const messages = messagesIn(type, body);
  const response = messages.find((message) => message.id !== undefined);
  if (response === undefined)
    return messages.length === 0 ? 'incomplete' : `no response in ${body.slice(0, 200)}`;
  if (response.id !== id) return `the response has the id ${JSON.stringify(response.id)} instead of "${id}"`;
  const found = response.result?.content?.[0]?.text;
  const isRight = typeof text === 'string' ? found === text : typeof found === 'string' && text(found);
  return isRight ? undefined : `the response has the text ${JSON.stringify(found)?.slice(0, 200)}`;
}

function messagesIn(type: string | undefined, body: string): readonly RpcMessage[] {
  const isEvents = type?.startsWith('text/event-stream') === true;
  const texts = isEvents ? new SseParser().push(Buffer.from(body)).map(({ data }) => data) : [body];
  return texts.flatMap((text) => {
    try {
      return [JSON.parse(text) as RpcMessage];
    } catch {
      return text === '' ? [] : [{}];
    }
  });
}
