import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import type { CallEnd } from './call-end.ts';
import { type CallEvent, type CallState, initialState, transition } from './call-state.ts';

const head = (status = 200, contentType = 'application/grpc'): CallEvent => ({
  kind: 'head',
  headers: { ':status': String(status), 'content-type': contentType },
});

const trailers = (status: string): CallEvent => ({ kind: 'trailers', headers: { 'grpc-status': status } });

const closed = (reset = 0, truncatedMessage?: string): CallEvent => ({
  kind: 'closed',
  reset,
  connectionEnded: false,
  truncatedMessage,
});

const streamRefused = closed(constants.NGHTTP2_REFUSED_STREAM);

function stateAfter(events: readonly CallEvent[]): CallState {
  return events.reduce(transition, initialState);
}

function endAfter(...events: readonly CallEvent[]): CallEnd {
  const state = stateAfter(events);
  if (state.phase !== 'ended') throw new Error(`the call is still ${state.phase}`);
  return state.end;
}

test('a call goes through its phases and stays ended', () => {
  const events: readonly CallEvent[] = [
    streamRefused,
    { kind: 'resent' },
    head(),
    trailers('0'),
    { kind: 'response-ended' },
    closed(),
    { kind: 'cancel' },
  ];
  const phases = events.map((_, index) => stateAfter(events.slice(0, index + 1)).phase);
  expect(phases).toEqual([
    'resending',
    'head-awaited',
    'head-received',
    'head-received',
    'head-received',
    'ended',
    'ended',
  ]);
  expect(endAfter(...events)).toMatchObject({ grpc: 'OK', answered: true, httpStatus: 200 });
});

describe('a refused stream is sent again', () => {
  test('only before the response head arrives', () => {
    expect(stateAfter([head(), streamRefused]).phase).toBe('ended');
  });

  test('at most ten times', () => {
    const round: readonly CallEvent[] = [streamRefused, { kind: 'resent' }];
    const rounds = Array.from({ length: 10 }, () => round).flat();
    expect(stateAfter(rounds).phase).toBe('head-awaited');
    expect(endAfter(...rounds, streamRefused)).toMatchObject({ grpc: 'UNAVAILABLE', answered: false });
  });

  test('not after this side has abandoned the call', () => {
    expect(endAfter({ kind: 'cancel' }, streamRefused).grpc).toBe('CANCELLED');
    expect(endAfter(streamRefused, { kind: 'deadline' }, streamRefused).grpc).toBe('DEADLINE_EXCEEDED');
    expect(endAfter({ kind: 'refuse', problem: 'floods' }, streamRefused).grpc).toBe('INTERNAL');
  });
});

describe('precedence of several reasons to end', () => {
  test('a protocol problem overrides a status, and the first problem counts', () => {
    const end = endAfter(
      head(200, 'text/html'),
      trailers('0'),
      { kind: 'refuse', problem: 'later' },
      closed(),
    );
    expect(end.protocolProblem).toContain('text/html');
  });

  test('a status overrides a later cancel but not an earlier one', () => {
    expect(endAfter(head(), trailers('5'), { kind: 'cancel' }, closed(8)).grpc).toBe('NOT_FOUND');
    expect(endAfter(head(), { kind: 'cancel' }, trailers('5'), closed(8)).grpc).toBe('CANCELLED');
  });

  test.each<[string, CallEvent, 'cancel' | 'deadline', string]>([
    [
      'a head without content-type',
      { kind: 'head', headers: { ':status': '200' } },
      'deadline',
      'DEADLINE_EXCEEDED',
    ],
    ['a head with another status', head(502, 'text/html'), 'cancel', 'CANCELLED'],
    ['an unreadable message', { kind: 'refuse', problem: 'bad' }, 'cancel', 'CANCELLED'],
    ['a flood of text', { kind: 'non-grpc-data', bytes: 2 << 20 }, 'cancel', 'CANCELLED'],
    ['an HTTP/2 error', { kind: 'http2-error', message: 'x' }, 'deadline', 'DEADLINE_EXCEEDED'],
    ['an unknown status', trailers('99'), 'cancel', 'CANCELLED'],
  ])('%s does not count after this side abandoned the call', (_, event, abandon, expected) => {
    const end = endAfter({ kind: abandon }, event, closed());
    expect(end).toMatchObject({ grpc: expected, protocolProblem: undefined });
  });

  test('a truncated message counts only with status OK', () => {
    expect(endAfter(head(), trailers('0'), closed(0, 'truncated')).protocolProblem).toBe('truncated');
    expect(endAfter(head(), trailers('4'), closed(0, 'truncated')).grpc).toBe('DEADLINE_EXCEEDED');
  });
});

test('a flood resets the stream', () => {
  const interim = Array.from({ length: 101 }, (): CallEvent => ({ kind: 'interim-response' }));
  expect(stateAfter(interim.slice(1))).toMatchObject({ isReset: false });
  expect(stateAfter(interim)).toMatchObject({ isReset: true });
  expect(stateAfter([head(404), { kind: 'non-grpc-data', bytes: 1 << 20 }])).toMatchObject({
    isReset: false,
  });
  expect(stateAfter([head(404), { kind: 'non-grpc-data', bytes: (1 << 20) + 1 }])).toMatchObject({
    isReset: true,
    problem: 'HTTP status 404 with a body of more than 1 MiB',
  });
});
