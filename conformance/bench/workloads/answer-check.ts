import { isJsonRpcResponse, jsonRpcMessagesOf } from '../../../client/json-rpc.ts';

/** The complete response to a call. */
export interface CallResponse {
  readonly status: number;
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Returns the reason that a result is wrong, or undefined if it is as expected. */
export type ExpectResult = (result: unknown) => string | undefined;

/** An accepted body, without the digits of its id. */
interface AcceptedBody {
  readonly bytes: Buffer;
  readonly idAt: number;
}

const idDigits = 10;
const maxAccepted = 4;

/**
 * Checks JSON-RPC responses to the same request. A response that differs from an accepted one only in the digits of its
 * id is right, so most responses need not be parsed.
 */
export class AnswerCheck {
  readonly #expect: ExpectResult;
  readonly #accepted: AcceptedBody[] = [];

  constructor(expect: ExpectResult) {
    this.#expect = expect;
  }

  /** Returns the reason that a response is wrong, or undefined. */
  problemOf(response: CallResponse, id: number): string | undefined {
    const { body } = response;
    if (this.#accepted.some((accepted) => isSame(body, accepted, id))) return undefined;
    const problem = this.#parse(response, id);
    if (problem === undefined) this.#accept(body, id);
    return problem;
  }

  #parse({ status, headers, body }: CallResponse, id: number): string | undefined {
    let messages: ReturnType<typeof jsonRpcMessagesOf>;
    try {
      messages = jsonRpcMessagesOf({ status, headers: headers(), body });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const answer = messages.filter(isJsonRpcResponse).find((message) => message.id === id);
    if (answer === undefined) return `there is no response with the id ${id}`;
    if ('error' in answer) return `JSON-RPC error ${answer.error.code}: ${answer.error.message}`;
    return this.#expect(answer.result);
  }

  #accept(body: Buffer, id: number): void {
    const idAt = body.indexOf(String(id), 0, 'latin1');
    if (idAt < 0) return;
    if (this.#accepted.length >= maxAccepted) this.#accepted.shift();
    this.#accepted.push({ bytes: Buffer.from(body), idAt });
  }
}

function isSame(body: Buffer, { bytes, idAt }: AcceptedBody, id: number): boolean {
  if (body.length !== bytes.length) return false;
  const rest = idAt + idDigits;
  return (
    bytes.compare(body, 0, idAt, 0, idAt) === 0 &&
    bytes.compare(body, rest, body.length, rest, bytes.length) === 0 &&
    readId(body, idAt) === id
  );
}

function readId(bytes: Buffer, at: number): number {
  let id = 0;
  for (let digit = 0; digit < idDigits; digit += 1) id = id * 10 + (bytes[at + digit] ?? 0) - 48;
  return id;
}

/** Expects a tool result with one text block. */
export function expectText(text: string): ExpectResult {
  return (result) => {
    const { content, isError } = Object(result);
    const found: unknown = content?.[0]?.text;
    if (isError !== true && content?.length === 1 && found === text) return undefined;
    return `expected the text ${quote(text)}, got ${quote(found)}`;
  };
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
