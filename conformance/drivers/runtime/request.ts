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

/** Claims of an auth context by the name that cases use for them (`fixtures/identities.yaml`). */
export type Identities = ReadonlyMap<string, JsonObject>;

/** What a request is completed from. */
export interface RequestDefaults {
  readonly rpc: RequestRpc;
  readonly identities: Identities;
  /** The revision negotiated in a session, where the case has made it. */
  revisionOf(sessionId: string): string | undefined;
}

/** The keys of a written request, variables already replaced (docs/fixtures.md, "Requests"). */
export interface WrittenRequest {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly exactHeaders?: boolean;
  readonly serverId?: string;
  readonly sessionId?: string;
  readonly affinityForwarded?: boolean;
  readonly authContext?: WrittenAuthContext;
  readonly message?: Readonly<Record<string, unknown>>;
  readonly json?: unknown;
  readonly text?: WrittenText;
  readonly body?: string;
}

export type WrittenAuthContext =
  | null
  | string
  | {
      readonly identity?: string;
      readonly claims?: JsonObject;
      readonly encoded?: string;
      readonly json?: unknown;
      readonly expiresAtEpochMs?: string | number;
      readonly expiresInMs?: number;
    };

type TextPiece = string | { readonly repeat: string; readonly times: number };
export type WrittenText = TextPiece | readonly TextPiece[];

/** The owner of a request that names none. */
export const defaultIdentity = 'alice';

/** Completes a written request with its defaults and encodes its readable forms. */
export function buildRequest(written: WrittenRequest, defaults: RequestDefaults): McpRequest {
  const sessionId = written.sessionId ?? '';
  const authContext = buildAuthContext(written.authContext, defaults.identities);
  return create(McpRequestSchema, {
    method: written.method ?? httpMethods[defaults.rpc][0],
    path: written.path ?? '/mcp',
    query: written.query ?? '',
    headers: buildHeaders(written, { rpc: defaults.rpc, revision: defaults.revisionOf(sessionId) }),
    serverId: written.serverId ?? '',
    sessionId,
    affinityForwarded: written.affinityForwarded ?? false,
    body: buildBody(written),
    authContext,
  });
}

/** The wire form of claims: JSON in base64url without padding (AUTH-1). */
export function encodeClaims(claims: unknown): string {
  return Buffer.from(writeJson(claims) ?? '').toString('base64url');
}

function buildHeaders(
  written: WrittenRequest,
  context: { readonly rpc: RequestRpc; readonly revision: string | undefined },
): Record<string, string> {
  const byGet = context.rpc === 'InvokeStream' && (written.method ?? 'GET') !== 'POST';
  const defaults: Record<string, string> = written.exactHeaders
    ? {}
    : {
        ...(context.rpc === 'CloseSession' || byGet ? {} : { 'content-type': 'application/json' }),
        accept: byGet ? 'text/event-stream' : 'application/json, text/event-stream',
        ...(context.revision === undefined ? {} : { 'mcp-protocol-version': context.revision }),
      };
  return Object.fromEntries(
    Object.entries({ ...defaults, ...written.headers }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    ),
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
  const pieces: readonly TextPiece[] = Array.isArray(text) ? text : [text as TextPiece];
  return pieces
    .map((piece) => (typeof piece === 'string' ? piece : piece.repeat.repeat(piece.times)))
    .join('');
}

function buildAuthContext(
  written: WrittenAuthContext | undefined,
  identities: Identities,
): McpAuthContext | undefined {
  if (written === null) return undefined;
  const parts =
    typeof written === 'string' || written === undefined ? { identity: written ?? defaultIdentity } : written;
  return create(McpAuthContextSchema, {
    encoded: parts.encoded ?? encodedClaims(parts, identities),
    expiresAtEpochMs: expiry(parts),
  });
}

/** What the identities of a run look like on the wire: almost every request carries one of them as it is. */
const encodedIdentities = new WeakMap<JsonObject, string>();

function encodedClaims(parts: Exclude<WrittenAuthContext, null | string>, identities: Identities): string {
  if (parts.json !== undefined) return encodeClaims(parts.json);
  const identity = claimsOf(parts.identity ?? defaultIdentity, identities);
  if (parts.claims !== undefined) return encodeClaims({ ...identity, ...parts.claims });
  const known = encodedIdentities.get(identity) ?? encodeClaims(identity);
  encodedIdentities.set(identity, known);
  return known;
}

function expiry(parts: Exclude<WrittenAuthContext, null | string>): bigint {
  if (parts.expiresInMs !== undefined) return BigInt(Date.now() + parts.expiresInMs);
  return BigInt(parts.expiresAtEpochMs ?? 0);
}

function claimsOf(identity: string, identities: Identities): JsonObject {
  const claims = identities.get(identity);
  if (claims === undefined) throw new Error(`no identity is named "${identity}"`);
  return claims;
}
