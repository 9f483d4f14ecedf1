import { create, toBinary } from '@bufbuild/protobuf';
import { withTimeLimit } from '../../../../base/deadline.ts';
import { McpRequestSchema, McpResponseSchema } from '../../../../proto/index.ts';
import { StepFailure } from '../../../engine/failure.ts';
import { type Observation, observeUnary } from '../../../observe/unary.ts';
import type { CallEnd } from '../../../wire/call-end.ts';
import { headersOf } from '../../../wire/http/answer-messages.ts';
import { HttpExchange, type HttpReply } from '../../../wire/http/http-exchange.ts';
import { encodeClaims } from '../request.ts';
import type { StepContext } from '../step-context.ts';
import { deadlineOf } from '../unary-call.ts';

/** A part of the bytes that a step sends. */
type WrittenPiece =
  | string
  /** The header field with the auth context of an identity. */
  | { readonly caller: string }
  /** `content-length`, the end of the head, and the body. */
  | { readonly body: string }
  /** `transfer-encoding`, the end of the head, and the body in chunks. */
  | { readonly chunks: readonly string[] };

/** The argument of `http`. */
export interface HttpArgument {
  readonly sends: readonly WrittenPiece[];
  /** Sends each piece after the system has accepted the previous one. */
  readonly separately?: boolean;
  /** Half-closes the connection after the pieces. */
  readonly end?: boolean;
  /** Number of responses to wait for. Default: 1. */
  readonly responses?: number;
  /** Waits for the end of the connection instead. */
  readonly untilClosed?: boolean;
  /** Waits no longer than this. Default: the time limit of the case. */
  readonly within?: string;
  readonly target?: string;
  readonly expect: unknown;
}

/**
 * Runs `http`: sends bytes to the HTTP socket on a connection of their own. The observation is that of the first response,
 * with the statuses of all responses, and whether the connection is still open.
 */
export async function runHttp(context: StepContext, written: HttpArgument): Promise<void> {
  const { target, expect, within, ...argument } = context.resolve<HttpArgument>(written);
  const { resources, log } = context;
  const { identities, signal, ready } = resources.options;
  if (target === undefined) await ready;
  const callers = argument.sends.flatMap((piece) =>
    typeof piece === 'object' && 'caller' in piece ? [piece.caller] : [],
  );
  const pieces = argument.sends.map((piece) => bytesOf(piece, (name) => encodeClaims(identities.get(name))));
  await using exchange = await HttpExchange.open(resources.instance(target).address, { log, signal });
  await exchange.send(pieces, { separately: argument.separately, end: argument.end });
  const enough = argument.untilClosed ? exchange.closed : exchange.replied(argument.responses ?? 1);
  const limitMs = deadlineOf(within);
  await (limitMs === undefined ? enough : withTimeLimit(enough, limitMs));
  if (exchange.problem !== undefined) {
    throw new StepFailure(exchange.problem, {
      violated: 'HTTP-5',
      request: argument.sends,
      actual: exchange.statuses,
    });
  }
  const observation = observed(exchange);
  const [encoded] = callers.map((name) => encodeClaims(identities.get(name)));
  const request = create(McpRequestSchema, encoded === undefined ? {} : { authContext: { encoded } });
  if (target === undefined) resources.noteSession(request, observation);
  context.compare('answer', { expect, observation, request: argument.sends });
}

function bytesOf(piece: WrittenPiece, encode: (identity: string) => string): Buffer {
  // Cases write bytes that are not characters, such as a bare CR, as Latin-1 text.
  if (typeof piece === 'string') return Buffer.from(piece, 'latin1');
  if ('caller' in piece) return Buffer.from(`x-contextforge-auth-context: ${encode(piece.caller)}\r\n`);
  if ('body' in piece) {
    const body = Buffer.from(piece.body);
    return Buffer.concat([Buffer.from(`content-length: ${body.length}\r\n\r\n`), body]);
  }
  const chunks = piece.chunks.map((chunk) => Buffer.from(chunk));
  return Buffer.concat([
    Buffer.from('transfer-encoding: chunked\r\n\r\n'),
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n\r\n'),
  ]);
}

const answered: CallEnd = {
  ...{ grpc: 'OK', grpcMessage: '', answered: true, transport: 'http' },
  ...{ httpStatus: undefined, protocolProblem: undefined },
};

function observed({ replies, statuses, isOpen }: HttpExchange): Observation {
  const [first] = replies;
  if (first === undefined) {
    return { grpc: 'UNAVAILABLE', grpcMessage: 'no response', transport: 'http', statuses, open: isOpen };
  }
  const answer = observeUnary(answered, [messageOf(first)]);
  return { ...answer, statuses, framing: first.framing, open: isOpen };
}

function messageOf({ head: { status, fields }, body }: HttpReply): Uint8Array {
  return toBinary(McpResponseSchema, create(McpResponseSchema, { status, headers: headersOf(fields), body }));
}
