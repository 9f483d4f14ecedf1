import type { GrpcStatusName } from '../../base/grpc-status.ts';

/** The end of a call, as any gRPC client would report it. */
export interface CallEnd {
  readonly grpc: GrpcStatusName;
  readonly grpcMessage: string;
  /** Whether the target ended the call, rather than this side or a lost connection. */
  readonly answered: boolean;
  /** The HTTP status of the response; undefined without a response. */
  readonly httpStatus: number | undefined;
  /** The response's violation of the gRPC protocol. Undefined if the status of the response counts. */
  readonly protocolProblem: string | undefined;
  /** Set if the call was made over HTTP. */
  readonly transport?: 'http';
}

/** Properties of a call whose stream is closed. */
export interface CallFacts {
  /** The response's violation of the gRPC protocol, if any. */
  readonly problem: string | undefined;
  /** The status in the trailers. */
  readonly status: { readonly name: GrpcStatusName; readonly message: string } | undefined;
  readonly httpStatus: number | undefined;
  /** Whether the target completed the response. */
  readonly responseEnded: boolean;
  /** The reason that this side abandoned the call. */
  readonly abandoned: 'cancelled' | 'deadline' | undefined;
  readonly connectionEnded: boolean;
  /** An HTTP/2 error that this side detected. */
  readonly http2Error: string | undefined;
  /** The error code of RST_STREAM, or 0 without a reset. */
  readonly reset: number;
}

/** Determines how a call ended. */
export function determineEnd(facts: CallFacts): CallEnd {
  const { responseEnded, httpStatus } = facts;
  return { protocolProblem: undefined, ...statusOf(facts), answered: responseEnded, httpStatus };
}

function statusOf(
  facts: CallFacts,
): Pick<CallEnd, 'grpc' | 'grpcMessage'> & { readonly protocolProblem?: string } {
  const { problem, status, httpStatus, reset } = facts;
  if (problem !== undefined) return { grpc: 'INTERNAL', grpcMessage: problem, protocolProblem: problem };
  if (status !== undefined) return { grpc: status.name, grpcMessage: status.message };
  if (facts.abandoned === 'deadline')
    return { grpc: 'DEADLINE_EXCEEDED', grpcMessage: 'the deadline passed' };
  if (facts.abandoned === 'cancelled') return { grpc: 'CANCELLED', grpcMessage: 'cancelled by this side' };
  if (httpStatus !== undefined && httpStatus !== 200) {
    const text = `HTTP status ${httpStatus} without grpc-status`;
    return { grpc: statusOfHttp.get(httpStatus) ?? 'UNKNOWN', grpcMessage: text, protocolProblem: text };
  }
  if (facts.connectionEnded) {
    const cause = facts.http2Error === undefined ? '' : ` with an HTTP/2 error: ${facts.http2Error}`;
    return { grpc: 'UNAVAILABLE', grpcMessage: `the connection ended during the call${cause}` };
  }
  if (reset !== 0) {
    const text = `reset by the target with HTTP/2 error code ${reset}`;
    return { grpc: statusOfReset.get(reset) ?? 'INTERNAL', grpcMessage: text };
  }
  if (!facts.responseEnded) {
    return { grpc: 'UNAVAILABLE', grpcMessage: 'the target dropped the call without an answer' };
  }
  const text = 'the response ended without grpc-status';
  return { grpc: 'INTERNAL', grpcMessage: text, protocolProblem: text };
}

/** The status for RST_STREAM without trailers (gRPC "HTTP2 Transport Mapping", table of error codes). */
const statusOfReset: ReadonlyMap<number, GrpcStatusName> = new Map([
  [0x7, 'UNAVAILABLE'], // REFUSED_STREAM
  [0x8, 'CANCELLED'], // CANCEL
  [0xb, 'RESOURCE_EXHAUSTED'], // ENHANCE_YOUR_CALM
  [0xc, 'PERMISSION_DENIED'], // INADEQUATE_SECURITY
]);

/** The status for an HTTP status without `grpc-status`. */
const statusOfHttp: ReadonlyMap<number, GrpcStatusName> = new Map([
  [400, 'INTERNAL'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [429, 'UNAVAILABLE'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'UNAVAILABLE'],
]);
