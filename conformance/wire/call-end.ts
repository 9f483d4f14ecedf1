import { type GrpcStatusName, grpcStatusOfHttp, grpcStatusOfReset } from './grpc-status.ts';

/** How a call ended, as any gRPC client would report it. */
export interface CallEnd {
  readonly grpc: GrpcStatusName;
  readonly grpcMessage: string;
  /** Whether the target ended it, and not this side or the end of the connection. */
  readonly answered: boolean;
  /** The HTTP status of the response; undefined where none came. */
  readonly httpStatus: number | undefined;
  /** What was wrong with the response as gRPC, where the status had to be made up for it. */
  readonly protocolProblem: string | undefined;
}

/** What was seen of a call by the time that it was over. */
export interface CallFacts {
  /** What was wrong with it as gRPC. */
  readonly problem: string | undefined;
  /** What the trailers said. */
  readonly status: { readonly name: GrpcStatusName; readonly message: string } | undefined;
  readonly httpStatus: number | undefined;
  /** Whether the response was ended in the regular way. */
  readonly responseEnded: boolean;
  readonly deadlinePassed: boolean;
  readonly cancelled: boolean;
  readonly connectionEnded: boolean;
  /** What this side found wrong with what came over the connection as HTTP/2. */
  readonly http2Error: string | undefined;
  /** The error code of RST_STREAM, 0 where there was none. */
  readonly reset: number;
}

/** Judges how a call ended. */
export function judgeEnd(facts: CallFacts): CallEnd {
  return { ...judge(facts), answered: facts.responseEnded, httpStatus: facts.httpStatus };
}

function judge(facts: CallFacts): Omit<CallEnd, 'answered' | 'httpStatus'> {
  const { problem, status, httpStatus, reset } = facts;
  if (problem !== undefined) return { grpc: 'INTERNAL', grpcMessage: problem, protocolProblem: problem };
  if (status !== undefined) {
    return { grpc: status.name, grpcMessage: status.message, protocolProblem: undefined };
  }
  if (facts.deadlinePassed) return made('DEADLINE_EXCEEDED', 'the deadline passed');
  if (facts.cancelled) return made('CANCELLED', 'cancelled by this side');
  if (httpStatus !== undefined && httpStatus !== 200) {
    const text = `HTTP status ${httpStatus} without grpc-status`;
    return { grpc: grpcStatusOfHttp(httpStatus), grpcMessage: text, protocolProblem: text };
  }
  if (facts.connectionEnded) {
    const cause = facts.http2Error === undefined ? '' : `, by an error in its HTTP/2: ${facts.http2Error}`;
    return made('UNAVAILABLE', `the connection ended during the call${cause}`);
  }
  if (reset !== 0) {
    return made(grpcStatusOfReset(reset), `reset by the target with HTTP/2 error code ${reset}`);
  }
  if (!facts.responseEnded) return made('UNAVAILABLE', 'the call was dropped without an answer');
  const text = 'the response ended without grpc-status';
  return { grpc: 'INTERNAL', grpcMessage: text, protocolProblem: text };
}

function made(grpc: GrpcStatusName, grpcMessage: string): Omit<CallEnd, 'answered' | 'httpStatus'> {
  return { grpc, grpcMessage, protocolProblem: undefined };
}
