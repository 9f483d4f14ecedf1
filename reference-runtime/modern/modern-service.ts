import { randomBytes } from 'node:crypto';
import type { AuthInfo, McpHttpHandler } from '@modelcontextprotocol/server';
import { withTimeLimit } from '../../base/deadline.ts';
import { toAbortSignal } from '../../base/signal.ts';
import type { CallScope, Catalog } from '../catalog/catalog.ts';
import { refused } from '../failures/request-refused.ts';
import { type Answer, emptyAnswer, eventsAnswer, jsonAnswer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import type { Caller } from '../identity/caller.ts';
import type { IncomingMessage, NotificationMessage, RequestMessage } from '../mcp/envelope.ts';
import { rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import { loadSdk } from '../mcp/sdk.ts';
import type { Logger, RuntimeLimits } from '../options.ts';
import type { EventSink } from '../session/event-stream.ts';
import { createModernServer, type ListChange, type ModernRequest } from './create-server.ts';
import { claimsRevision, isModern, namesModernRevision, revisionKey } from './era.ts';
import { withPlaceholders } from './exact-tokens.ts';
import { ListenQuota } from './listen-quota.ts';
import { bindingOf, requestState } from './request-state.ts';
import { collect, pump } from './response-body.ts';
import { shieldErrors } from './shield-errors.ts';
import { endAtExpiry, listenMethod } from './subscription.ts';

/** The hooks of the sessionless era. */
export const modernHooks = {
  isModern,
  /** Returns the message to serve, and its call. */
  modernCall: (call: ModernCall): ModernCall => call,
  /** Returns the response to send. Its ids are still placeholders. */
  modernResponse: (response: Response, _call: ModernCall): Response | Promise<Response> => response,
  bindingOf,
  /** Returns request state from the caller, before it is opened. */
  receivedState: (state: string): string => state,
  /** Refuses a method that needs a stream. @throws RequestRefused 400 */
  checkUnary(message: IncomingMessage): void {
    if (message.kind !== 'request' || message.method !== listenMethod) return;
    throw invalid('stream_required', `${listenMethod} needs a streamed answer`, message.id);
  },
  endAtExpiry,
  /** Returns the id of an error whose request has no readable id. */
  unreadableId: (): string | null => null,
};
export type ModernHooks = typeof modernHooks;

/** Options of the service for the sessionless era. */
export interface ModernOptions {
  readonly hooks: ModernHooks;
  readonly catalog: Catalog;
  readonly version: string;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
  /** The secret that protects request state, at least 32 bytes. Default: random, so state ends with the process. */
  readonly stateKey: Uint8Array | undefined;
  /** Notifies the subscribers of both eras that a resource has changed. */
  resourceUpdated(uri: string): void;
}

/** A message of the sessionless era and its caller. */
export interface ModernCall {
  readonly call: Call;
  readonly caller: Caller;
  readonly message: IncomingMessage;
}

/** A response whose events, if it has any, start when they get a sink. */
export type ModernStream =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | {
      readonly kind: 'events';
      readonly headers: Readonly<Record<string, string>>;
      run(sink: EventSink): void;
    };

interface Exchange {
  readonly response: Response;
  restore(text: string): string;
}

type Handlers = Readonly<Record<'calls' | 'subscriptions', McpHttpHandler>>;

/** Fields that have no meaning in this era, or only between the gateway and its client. */
const unusedFields: ReadonlySet<string> = new Set(['last-event-id', 'content-length', 'content-type']);
/** The fields of a stream of events. Proxies must not buffer it. */
const eventHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

/** Serves MCP 2026-07-28: requests without handshake and without session. Each request gets a server of its own. */
export class ModernService {
  readonly #options: ModernOptions;
  readonly #stateKey: Uint8Array;
  readonly #listens: ListenQuota;
  #handlers: Promise<Handlers> | undefined;

  constructor(options: ModernOptions) {
    this.#options = options;
    this.#listens = new ListenQuota(options.limits);
    this.#stateKey = options.stateKey ?? randomBytes(32);
  }

  /** Handles a POST whose answer is complete. @throws RequestRefused, CallRefused */
  async invoke(received: ModernCall): Promise<Answer> {
    const { hooks } = this.#options;
    hooks.checkUnary(received.message);
    const call = hooks.modernCall(received);
    return this.#answerOf(await this.#exchange(call));
  }

  /**
   * Handles a POST with a streamed answer. A request that fails at once gets the status of its error, but a slow
   * request does not hold back the head of its stream.
   * @throws RequestRefused, CallRefused
   */
  async openStream(received: ModernCall): Promise<ModernStream> {
    const { hooks } = this.#options;
    const call = hooks.modernCall(received);
    const { message } = call;
    if (message.kind !== 'request' || message.method !== listenMethod) return this.#stream(call, () => {});
    const release = this.#listens.begin(call.caller, message.id);
    try {
      const stream = await this.#stream(call, (sink) => {
        sink.onClose(release);
        hooks.endAtExpiry(sink, message.id, call.call.authContext?.expiresAtEpochMs ?? 0n);
      });
      if (stream.kind === 'answer') release();
      return stream;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** @param begin is called with the sink of a stream before it gets events */
  async #stream(call: ModernCall, begin: (sink: EventSink) => void): Promise<ModernStream> {
    const exchange = this.#exchange(call);
    const early = await withTimeLimit(exchange, this.#options.limits.headDelayMs);
    if (early !== undefined && !isStreamed(early.response)) {
      return { kind: 'answer', answer: await this.#answerOf(early) };
    }
    const run = (sink: EventSink) => {
      begin(sink);
      const onError = (error: unknown) => this.#log('stream', error);
      void exchange.then(
        ({ response, restore }) => pump(response, { sink, restore, onError }),
        (error: unknown) => {
          onError(error);
          sink.fail('INTERNAL', 'The request failed');
        },
      );
    };
    return { kind: 'events', headers: eventHeaders, run };
  }

  /** Tells open subscriptions that a resource has changed. */
  resourceUpdated(uri: string): void {
    void this.#handlers?.then(({ subscriptions }) => subscriptions.notify.resourceUpdated(uri));
  }

  /** Ends all subscriptions normally. */
  async endSubscriptions(): Promise<void> {
    await (await this.#handlers)?.subscriptions.close();
  }

  /** Ends all requests. */
  async close(): Promise<void> {
    for (const handler of Object.values((await this.#handlers) ?? {})) await handler.close();
  }

  async #exchange(modernCall: ModernCall): Promise<Exchange> {
    const { hooks } = this.#options;
    const { call, caller, message } = modernCall;
    if (message.kind === 'response')
      throw invalid('response_unexpected', 'This revision has no posted responses');
    const { body, restore } =
      message.kind === 'request' ? bodyOfRequest(message) : bodyOfNotification(message);
    if (message.kind === 'request' && !claimsRevision(message) && namesModernRevision(call.headers)) {
      throw withoutRevision(message.id);
    }
    const scope = scopeOf(caller, call.serverId);
    const sdk = await loadSdk();
    const progressToken = message.kind === 'request' ? textOfToken(message.progressToken) : undefined;
    const binding = hooks.bindingOf(scope, message.method, message.params);
    const { seal, open } = requestState(sdk, this.#stateKey, this.#options.limits.requestStateMs, binding);
    const state = { seal, open: (text: string) => open(hooks.receivedState(text)) };
    const answers: unknown = Object(message.params)['inputResponses'];
    const parts: ModernRequest = { scope, progressToken, state, answers };
    const authInfo: AuthInfo = { token: '', clientId: scope.owner, scopes: [], extra: { parts } };
    this.#handlers ??= this.#createHandlers();
    const { calls, subscriptions } = await this.#handlers;
    const handler = message.method === listenMethod ? subscriptions : calls;
    const response = await handler.fetch(requestOf(call), { parsedBody: body, authInfo });
    return {
      response: await hooks.modernResponse(response, modernCall),
      restore: (text) => restore(shieldErrors(text)),
    };
  }

  async #answerOf({ response, restore }: Exchange): Promise<Answer> {
    const { status, body } = response;
    if (body === null) return emptyAnswer(status);
    const text = restore(await collect(body, this.#options.limits.collectedBytes));
    return isEvents(response) ? eventsAnswer(text) : jsonAnswer(status, withoutNullId(text));
  }

  async #createHandlers(): Promise<Handlers> {
    const sdk = await loadSdk();
    const { catalog, version, resourceUpdated, limits } = this.#options;
    const bus = new sdk.InMemoryServerEventBus();
    const environment = {
      sdk,
      catalog,
      version,
      resourceUpdated,
      announce: (change: ListChange) => bus.publish({ kind: `${change}_list_changed` }),
      onError: (subject: string, error: unknown) => this.#log(subject, error),
    };
    const create = () =>
      sdk.createMcpHandler(
        ({ authInfo }) => createModernServer(environment, authInfo?.extra?.['parts'] as ModernRequest),
        {
          legacy: 'reject',
          bus,
          // The stream writer of the runtime sends its own comments.
          keepAliveMs: 0,
          maxSubscriptions: limits.maxListens,
          onerror: (error) =>
            this.#options.logger.debug({ error: error.name }, 'the MCP server reported an error'),
        },
      );
    return { calls: create(), subscriptions: create() };
  }

  #log(subject: string, error: unknown): void {
    const name = error instanceof Error ? error.name : typeof error;
    this.#options.logger.error({ subject, error: name }, 'a request failed');
  }
}

/** @param id the id of the request as a JSON token, or null if it cannot be read */
function invalid(code: string, message: string, id: string | null = null) {
  return refused('INVALID_ARGUMENT', code, message, { rpcCode: rpcErrorCodes.invalidRequest, id });
}

/** Makes the refusal of a request that only its header fields assign to this era. */
function withoutRevision(id: string) {
  return refused('INVALID_ARGUMENT', 'invalid_params', `params._meta has no member ${revisionKey}`, {
    rpcCode: rpcErrorCodes.invalidParams,
    id,
  });
}

/** Returns the scope of a call. All callers without identity count as one, because they are indistinguishable. */
function scopeOf(caller: Caller, serverId: string): CallScope {
  return { caller, serverId, owner: caller.kind === 'known' ? `caller ${caller.email}` : 'anonymous' };
}

/** @throws RequestRefused 400 for an id that is neither a string nor an integer */
function bodyOfRequest(request: RequestMessage) {
  if (!request.id.startsWith('"') && !Number.isInteger(Number(request.id))) {
    throw invalid('invalid_request', 'The member id is neither a string nor an integer');
  }
  const { message, restore } = withPlaceholders(request);
  return { body: message, restore };
}

function bodyOfNotification({ method, params }: NotificationMessage) {
  const body = { jsonrpc: '2.0', method, ...(params !== undefined && { params }) };
  return { body, restore: (text: string) => text };
}

function textOfToken(token: string | undefined): string | undefined {
  return token?.startsWith('"') === true ? String(JSON.parse(token)) : token;
}

function requestOf({ headers, signal }: Call): Request {
  const fields = [...headers].filter(([name]) => !unusedFields.has(name));
  return new Request('http://runtime/mcp', {
    method: 'POST',
    headers: [...fields, ['content-type', 'application/json']],
    body: '{}',
    signal: toAbortSignal(signal),
  });
}

function isEvents(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

/** Returns whether a response becomes a stream of events: unless it is a refusal, or accepts a notification. */
function isStreamed({ status, body }: Response): boolean {
  return status === 200 && body !== null;
}

/** Removes an `id` null from an error, because an unreadable id is left out in this era. */
function withoutNullId(text: string): string {
  const { id, ...others } = JSON.parse(text) as Record<string, unknown>;
  return id === null ? JSON.stringify(others) : text;
}
