import { constants, type IncomingHttpHeaders } from 'node:http2';
import { type GrpcStatusName, grpcStatusName } from '../../base/grpc-status.ts';
import { type CallEnd, type CallFacts, determineEnd } from './call-end.ts';

/**
 * Number of times that a call is sent again after the target refused its stream before processing it. gRPC clients
 * resend a call once if it reached the wire, and without limit if it did not (gRFC A6). The kit uses one limit for
 * both.
 */
const maxResends = 10;
/** RFC 9110 section 15.2 allows any number of interim responses, but gRPC does not use them. */
const maxInterimResponses = 100;
/** Bytes to skip in a response that is not gRPC, because a `grpc-status` may follow them. */
const maxNonGrpcBytes = 1 << 20;

/** The progress of a call in any phase before its end. */
interface Progress extends Omit<CallFacts, 'httpStatus' | 'connectionEnded' | 'reset'> {
  /** Whether this side resets the stream. */
  readonly isReset: boolean;
  readonly resends: number;
  readonly interimResponses: number;
  readonly nonGrpcBytes: number;
}

/**
 * The state of a call. In `head-awaited` the target may still refuse the stream before processing it (REFUSED_STREAM
 * or GOAWAY, RFC 9113 section 8.7). In `resending` the call waits for the connection on which it starts again.
 */
export type CallState =
  | (Progress & { readonly phase: 'head-awaited' | 'resending'; readonly httpStatus: undefined })
  | (Progress & { readonly phase: 'head-received'; readonly httpStatus: number })
  | { readonly phase: 'ended'; readonly end: CallEnd };

/** An event in the life of a call. */
export type CallEvent =
  | { readonly kind: 'interim-response' | 'response-ended' | 'cancel' | 'deadline' | 'resent' }
  | { readonly kind: 'head' | 'trailers'; readonly headers: IncomingHttpHeaders }
  /** Bytes of a response that is not gRPC. */
  | { readonly kind: 'non-grpc-data'; readonly bytes: number }
  /** The client gives up on the response because of a problem in it. */
  | { readonly kind: 'refuse'; readonly problem: string }
  | { readonly kind: 'http2-error'; readonly message: string }
  /** The stream is closed, or the call cannot be sent again. */
  | {
      readonly kind: 'closed';
      readonly reset: number;
      readonly connectionEnded: boolean;
      /** Description of the truncated last message, or undefined if it is complete. */
      readonly truncatedMessage: string | undefined;
    };

/** The state of a call that has just been sent. */
export const initialState: CallState = {
  phase: 'head-awaited',
  httpStatus: undefined,
  problem: undefined,
  status: undefined,
  responseEnded: false,
  abandoned: undefined,
  http2Error: undefined,
  isReset: false,
  resends: 0,
  interimResponses: 0,
  nonGrpcBytes: 0,
};

/** Returns the state after an event. A call that has ended does not change. */
export function transition(state: CallState, event: CallEvent): CallState {
  if (state.phase === 'ended') return state;
  // The caller of an abandoned call no longer reads, so a response in flight cannot change the end of the call.
  if (state.abandoned !== undefined && responses.has(event.kind)) return state;
  switch (event.kind) {
    case 'interim-response': {
      const next = { ...state, interimResponses: state.interimResponses + 1 };
      if (next.interimResponses <= maxInterimResponses) return next;
      return refused(next, `the call floods: more than ${maxInterimResponses} interim responses`);
    }
    case 'head': {
      const httpStatus = Number(event.headers[':status']);
      const next = withProblem(state, problemOfHead(httpStatus, event.headers['content-type']));
      return { ...next, phase: 'head-received', httpStatus };
    }
    case 'non-grpc-data': {
      const next = { ...state, nonGrpcBytes: state.nonGrpcBytes + event.bytes };
      if (next.nonGrpcBytes <= maxNonGrpcBytes) return next;
      return refused(next, `HTTP status ${state.httpStatus} with a body of more than 1 MiB`);
    }
    case 'trailers':
      return withTrailers(state, event.headers);
    case 'response-ended':
      return { ...state, responseEnded: true };
    case 'refuse':
      return refused(state, event.problem);
    case 'cancel':
      return { ...state, abandoned: state.abandoned ?? 'cancelled', isReset: true };
    case 'deadline':
      return { ...state, abandoned: 'deadline', isReset: true };
    case 'http2-error':
      return { ...state, http2Error: event.message };
    case 'resent':
      if (state.phase !== 'resending') return state;
      return { ...state, phase: 'head-awaited', resends: state.resends + 1, responseEnded: false };
    case 'closed': {
      const { reset, connectionEnded, truncatedMessage } = event;
      const wasRefused =
        state.phase === 'head-awaited' && reset === constants.NGHTTP2_REFUSED_STREAM && !isAbandoned(state);
      if (wasRefused && state.resends < maxResends) return { ...state, phase: 'resending' };
      // A failed call may end in the middle of a message.
      const isTruncated = state.status?.name === 'OK' && !isAbandoned(state);
      const problem = isTruncated ? truncatedMessage : state.problem;
      return { phase: 'ended', end: determineEnd({ ...state, problem, reset, connectionEnded }) };
    }
  }
}

/** Events that a response causes. */
const responses: ReadonlySet<CallEvent['kind']> = new Set([
  'interim-response',
  'head',
  'trailers',
  'non-grpc-data',
  'refuse',
  'http2-error',
]);

/** Whether this side has abandoned the call. */
export function isAbandoned(state: CallState): boolean {
  return state.phase !== 'ended' && (state.abandoned !== undefined || state.problem !== undefined);
}

/** Returns the value of `grpc-status` and the decoded `grpc-message` of trailers. */
export function readTrailers(headers: IncomingHttpHeaders): { status: unknown; message: string } {
  const { 'grpc-status': status, 'grpc-message': message } = headers;
  return { status, message: typeof message === 'string' ? percentDecoded(message) : '' };
}

type OpenState = Exclude<CallState, { readonly phase: 'ended' }>;

function withTrailers(state: OpenState, headers: IncomingHttpHeaders): CallState {
  const { status, message } = readTrailers(headers);
  if (typeof status !== 'string') return state;
  const name = statusName(status);
  const next = { ...state, status: { name: name ?? 'UNKNOWN', message } };
  return name === undefined ? withProblem(next, `grpc-status is "${status}", not a gRPC status`) : next;
}

function refused(state: OpenState, problem: string): CallState {
  return { ...withProblem(state, problem), isReset: true };
}

/** Adds a problem. Only the first problem counts. */
function withProblem(state: OpenState, problem: string | undefined): OpenState {
  return { ...state, problem: state.problem ?? problem };
}

function problemOfHead(httpStatus: number, contentType: string | undefined): string | undefined {
  if (httpStatus !== 200 || /^application\/grpc($|[+;])/.test(contentType ?? '')) return undefined;
  return `the content-type of the response is ${contentType ?? 'missing'}, not application/grpc`;
}

function statusName(trailer: string): GrpcStatusName | undefined {
  return /^(0|[1-9][0-9]?)$/.test(trailer) ? grpcStatusName(Number(trailer)) : undefined;
}

/** Decodes percent-encoding, or returns the text unchanged if the encoding is invalid. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
