import { create, type JsonObject } from '@bufbuild/protobuf';
import {
  httpMethods,
  type McpAuthContext,
  McpAuthContextSchema,
  type McpRequest,
  McpRequestSchema,
  type RequestRpc,
} from '../../../proto/index.ts';
import { writeJson } from '../../match/json.ts';

/** Claims of auth contexts, by the identity that cases name (`fixtures/identities.yaml`). */
export type Identities = ReadonlyMap<string, JsonObject>;

/** The defaults for requests. */
export interface RequestDefaults {
  readonly rpc: RequestRpc;
  readonly identities: Identities;
  /** Returns the revision negotiated in a session, if the case created the session. */
  readonly revisionOf: (sessionId: string) => string | undefined;
}

/** A request in a fixture, with variables already replaced (docs/fixtures.md, "Requests"). */
export interface WrittenRequest {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly exactHeaders?: boolean;
  /** One further header field. Its name and its value may be long. */
  readonly longHeader?: Readonly<{ name: WrittenText; value: WrittenText }>;
  readonly serverId?: string;
  readonly sessionId?: string;
  readonly affinityForwarded?: boolean;
  readonly authContext?: WrittenAuthContext;
  readonly message?: Readonly<Record<string, unknown>>;
  readonly json?: unknown;
  readonly text?: WrittenText;
  readonly body?: string;
}

/** The auth context in a fixture: the name of an identity, a written context, or null for no auth context. */
export type WrittenAuthContext = null | string | WrittenContext;

interface WrittenContext {
  readonly identity?: string;
  readonly claims?: JsonObject;
  readonly encoded?: string;
  readonly json?: unknown;
  readonly text?: string;
  readonly expiresAtEpochMs?: string | number;
  readonly expiresInMs?: number;
}

type TextPiece = string | { readonly repeat: string; readonly times: number; readonly counter?: string };
type WrittenText = TextPiece | readonly TextPiece[];

/** The default owner of a request. */
export const defaultIdentity = 'alice';

/** Completes a request from a fixture with its defaults and encodes it. */
export function buildRequest(written: WrittenRequest, defaults: RequestDefaults): McpRequest {
  const { rpc, identities, revisionOf } = defaults;
  const { query, serverId, sessionId, affinityForwarded } = written;
  return create(McpRequestSchema, {
    method: written.method ?? httpMethods[rpc][0],
    path: written.path ?? '/mcp',
    query,
    headers: buildHeaders(written, { rpc, revision: revisionOf(sessionId ?? '') }),
    serverId,
    sessionId,
    affinityForwarded,
    body: buildBody(written),
    authContext: buildAuthContext(written.authContext, identities),
  });
}

/** Encodes claims as JSON in base64url without padding (AUTH-1). */
export function encodeClaims(claims: unknown): string {
  return Buffer.from(writeJson(claims) ?? '').toString('base64url');
}

function buildHeaders(
  written: WrittenRequest,
  context: { readonly rpc: RequestRpc; readonly revision: string | undefined },
): Record<string, string> {
  const methods = httpMethods[context.rpc];
  const method = methods.find((each) => each === written.method) ?? methods[0];
  const defaults = {
    'content-type': method === 'POST' ? 'application/json' : null,
    accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
    'mcp-protocol-version': context.revision ?? null,
  };
  const { longHeader } = written;
  const long = longHeader && { [buildText(longHeader.name)]: buildText(longHeader.value) };
  const headers = { ...(written.exactHeaders ? {} : defaults), ...written.headers, ...long };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

function buildBody(written: WrittenRequest): Uint8Array {
  if (written.body !== undefined) return Buffer.from(written.body, 'base64');
  if (written.text !== undefined) return Buffer.from(buildText(written.text));
  if (written.json !== undefined) return Buffer.from(writeJson(written.json) ?? '');
  if (written.message === undefined) return new Uint8Array();
  const { jsonrpc = '2.0', ...members } = written.message;
  return Buffer.from(writeJson(jsonrpc === null ? members : { jsonrpc, ...members }) ?? '');
}

function buildText(text: WrittenText): string {
  const pieces = [text].flat() as readonly TextPiece[];
  return pieces.map((piece) => (typeof piece === 'string' ? piece : repeated(piece))).join('');
}

function repeated({ repeat, times, counter }: Exclude<TextPiece, string>): string {
  if (counter === undefined) return repeat.repeat(times);
  return Array.from({ length: times }, (_, index) => repeat.replaceAll(counter, `${index}`)).join('');
}

function buildAuthContext(
  written: WrittenAuthContext | undefined,
  identities: Identities,
): McpAuthContext | undefined {
  if (written === null) return undefined;
  const whole = typeof written === 'string' ? { identity: written } : (written ?? {});
  const { encoded = encodedClaims(whole, identities), expiresInMs, expiresAtEpochMs = 0 } = whole;
  const expiry = expiresInMs === undefined ? expiresAtEpochMs : Date.now() + expiresInMs;
  return create(McpAuthContextSchema, { encoded, expiresAtEpochMs: BigInt(expiry) });
}

/** Cache of encoded identities. Almost every request carries an identity unchanged. */
const encodedIdentities = new WeakMap<JsonObject, string>();

function encodedClaims(written: WrittenContext, identities: Identities): string {
  const { json, text, identity: name = defaultIdentity, claims } = written;
  if (text !== undefined) return Buffer.from(text).toString('base64url');
  if (json !== undefined) return encodeClaims(json);
  const identity = identities.get(name);
  if (identity === undefined) throw new Error(`unknown identity: "${name}"`);
  if (claims !== undefined) return encodeClaims({ ...identity, ...claims });
  const known = encodedIdentities.get(identity) ?? encodeClaims(identity);
  encodedIdentities.set(identity, known);
  return known;
}
