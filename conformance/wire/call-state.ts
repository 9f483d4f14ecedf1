import { constants, type IncomingHttpHeaders } from 'node:http2';
import { type GrpcStatusName, grpcStatusName } from '../../base/grpc-status.ts';
import { type CallEnd, type CallFacts, judgeEnd } from './call-end.ts';

/**
 * How often a call is sent again after the target has refused its stream unseen. gRPC clients resend once a call that
 * went out, and without limit one that did not (gRFC A6); the kit does not tell the two apart.
 */
const maxResends = 10;
/** RFC 9110 section 15.2 allows any number of interim responses; gRPC needs none. */
const maxInterimResponses = 100;
/** Bytes of a page without gRPC that are skipped, because a `grpc-status` may follow it. */
const maxPageBytes = 1 << 20;

/** What a call has seen and done so far, in any phase before its end. */
interface Progress extends Omit<CallFacts, 'httpStatus' | 'connectionEnded' | 'reset'> {
  /** Whether this side resets the stream. */
  readonly isReset: boolean;
  readonly resends: number;
  readonly interimResponses: number;
  readonly pageBytes: number;
}

/**
 * The state of a call. In `head-awaited` the target may still refuse the stream unseen (REFUSED_STREAM, or by GOAWAY:
 * RFC 9113 section 8.7); `resending` waits for the connection on which the call starts again.
 */
export type CallState =
  | (Progress & { readonly phase: 'head-awaited' | 'resending'; readonly httpStatus: undefined })
  | (Progress & { readonly phase: 'head-received'; readonly httpStatus: number })
  | { readonly phase: 'ended'; readonly end: CallEnd };

/** What happens to a call. */
export type CallEvent =
  | { readonly kind: 'interim-response' | 'response-ended' | 'cancel' | 'deadline' | 'sent-again' }
  | { readonly kind: 'head' | 'trailers'; readonly headers: IncomingHttpHeaders }
  /** Bytes of a response that is not gRPC. */
  | { readonly kind: 'page'; readonly bytes: number }
  /** This side cannot go on with the response. */
  | { readonly kind: 'refuse'; readonly problem: string }
  | { readonly kind: 'http2-error'; readonly message: string }
  /** The stream is closed, or no other can take its place. */
  | {
      readonly kind: 'closed';
      readonly reset: number;
      readonly connectionEnded: boolean;
      /** How the messages broke off, where the last one is incomplete. */
      readonly tornMessage: string | undefined;
    };

/** The state of a call that has just been sent. */
export const initialState: CallState = {
  phase: 'head-awaited',
  httpStatus: undefined,
  problem: undefined,
  status: undefined,
  responseEnded: false,
  givenUp: undefined,
  http2Error: undefined,
  isReset: false,
  resends: 0,
  interimResponses: 0,
  pageBytes: 0,
};

/** The state that follows an event. A call that has ended stays as it is. */
export function transition(state: CallState, event: CallEvent): CallState {
  if (state.phase === 'ended') return state;
  // A caller that gave up no longer reads: a response that was in flight meanwhile cannot change how the call ends.
  if (state.givenUp !== undefined && responses.has(event.kind)) return state;
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
    case 'page': {
      const next = { ...state, pageBytes: state.pageBytes + event.bytes };
      if (next.pageBytes <= maxPageBytes) return next;
      return refused(next, `HTTP status ${state.httpStatus} with a page of more than 1 MiB`);
    }
    case 'trailers':
      return withTrailers(state, event.headers);
    case 'response-ended':
      return { ...state, responseEnded: true };
    case 'refuse':
      return refused(state, event.problem);
    case 'cancel':
      return { ...state, givenUp: state.givenUp ?? 'cancelled', isReset: true };
    case 'deadline':
      return { ...state, givenUp: 'deadline', isReset: true };
    case 'http2-error':
      return { ...state, http2Error: event.message };
    case 'sent-again':
      if (state.phase !== 'resending') return state;
      return { ...state, phase: 'head-awaited', resends: state.resends + 1, responseEnded: false };
    case 'closed': {
      const { reset, connectionEnded, tornMessage } = event;
      const wasRefusedUnseen =
        state.phase === 'head-awaited' && reset === constants.NGHTTP2_REFUSED_STREAM && !isGivenUp(state);
      if (wasRefusedUnseen && state.resends < maxResends) return { ...state, phase: 'resending' };
      // A failed call may end in the middle of a message.
      const isTorn = state.status?.name === 'OK' && !isGivenUp(state);
      const problem = isTorn ? tornMessage : state.problem;
      return { phase: 'ended', end: judgeEnd({ ...state, problem, reset, connectionEnded }) };
    }
  }
}

/** Events that a response causes. */
const responses: ReadonlySet<CallEvent['kind']> = new Set([
  'interim-response',
  'head',
  'trailers',
  'page',
  'refuse',
  'http2-error',
]);

/** Whether this side no longer expects a regular end. */
export function isGivenUp(state: CallState): boolean {
  return state.phase !== 'ended' && (state.givenUp !== undefined || state.problem !== undefined);
}

/** What trailers say: the value of `grpc-status`, and the decoded `grpc-message`. */
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
  return name === undefined ? withProblem(next, `grpc-status is "${status}", no status of gRPC`) : next;
}

function refused(state: OpenState, problem: string): CallState {
  return { ...withProblem(state, problem), isReset: true };
}

/** Of several problems the first counts. */
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

/** The text as it came where its percent-encoding is invalid. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
