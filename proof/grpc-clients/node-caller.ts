import { setTimeout as delay } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { type Client, Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { serviceDefinition } from '../../proto/grpc-service.ts';
import {
  type McpChunk,
  type McpRequest,
  McpRequestSchema,
  type McpResponse,
  McpRuntime,
} from '../../proto/index.ts';
import { expectSame, UnexpectedEffectError } from '../clients/steps.ts';

/** Limits and fields of a call. */
interface CallSettings {
  /** The deadline in milliseconds from now. Default: 10 000. */
  readonly deadlineMs?: number;
  /** Default: none. */
  readonly metadata?: Metadata;
}

/** A call in progress. */
interface StartedCall<Answer> {
  readonly answer: Promise<Answer>;
  cancel(): void;
}

/** The methods of the service, as grpc-js describes them. */
export const methods = serviceDefinition(McpRuntime);
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const claims = { email: 'client@example.com', teams: [], is_authenticated: true };
const authContext = { encoded: Buffer.from(JSON.stringify(claims)).toString('base64url') };
const stateMs = 10_000;

/** A caller with one session. It uses grpc-js with its defaults. */
export class NodeCaller {
  readonly #client: Client;
  session = '';

  constructor(client: Client) {
    this.#client = client;
  }

  async initialize(): Promise<void> {
    const clientInfo = { name: 'grpc-js', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const response = await this.start(methods.invoke, this.request('initialize', params)).answer;
    expectSame('the status', response.status, 200);
    this.session = response.headers['mcp-session-id'] ?? '';
    const notification = this.#requestOf({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const { answer } = this.start(methods.invoke, notification);
    expectSame('the status of the notification', (await answer).status, 202);
  }

  /** Makes a call that the runtime must answer with 200. */
  async invoke(method: string, params: object = {}, id = 1) {
    const response: McpResponse = await this.start(methods.invoke, this.request(method, params, id)).answer;
    expectSame('the status', response.status, 200);
    return JSON.parse(Buffer.from(response.body).toString()) as {
      readonly id: number;
      readonly result: { readonly content: readonly { readonly text: string }[] };
    };
  }

  /** Calls a tool and returns the text of its result. */
  async tool(name: string, args: object): Promise<string | undefined> {
    return (await this.invoke('tools/call', { name, arguments: args })).result.content[0]?.text;
  }

  waitFor(key: string): McpRequest {
    return this.request('tools/call', { name: 'conformance_wait', arguments: { key } });
  }

  /** Polls `conformance_state` until a call of `conformance_wait` has one of the expected states. */
  async awaitState(key: string, expected: readonly string[]): Promise<void> {
    const end = Date.now() + stateMs;
    for (;;) {
      const state = (await this.tool('conformance_state', { key })) ?? '';
      if (expected.includes(state)) return;
      if (Date.now() > end)
        throw new UnexpectedEffectError(`conformance_wait is ${state} instead of ${expected.join(' or ')}`);
      await delay(20);
    }
  }

  firstChunk(): Promise<McpChunk> {
    const { path, requestSerialize, responseDeserialize } = methods.invokeStream;
    const live = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      this.request(),
    );
    return new Promise<McpChunk>((resolve, reject) => {
      // A cancelled stream also ends with an error.
      live.on('error', reject);
      live.once('data', resolve);
    }).finally(() => live.cancel());
  }

  start<Request, Answer>(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Answer>,
    request: Request,
    { deadlineMs = 10_000, metadata = new Metadata() }: CallSettings = {},
  ): StartedCall<Answer> {
    let cancel = () => {};
    const answer = new Promise<Answer>((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        { deadline: Date.now() + deadlineMs },
        (error, value) => (value === undefined ? reject(error) : resolve(value)),
      );
      cancel = () => call.cancel();
    });
    return { answer, cancel };
  }

  /** @param method if absent, the request has no body */
  request(method?: string, params: object = {}, id = 1): McpRequest {
    return this.#requestOf(method === undefined ? undefined : { jsonrpc: '2.0', id, method, params });
  }

  #requestOf(message: object | undefined): McpRequest {
    return create(McpRequestSchema, {
      path: '/mcp',
      headers,
      authContext,
      sessionId: this.session,
      body: Buffer.from(message === undefined ? '' : JSON.stringify(message)),
    });
  }
}
