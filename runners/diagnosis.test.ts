import { expect, it } from 'vitest';
import { describeExit, describeOutput, diagnoseSocket } from './diagnosis.ts';
import { LogBuffer } from './log-buffer.ts';
import type { SocketState } from './socket-state.ts';

function causeOf(state: SocketState) {
  return diagnoseSocket({
    state,
    path: '/run/x.sock',
    subject: 'the container',
    variables: ['A', 'B'],
    permissionAdvice: 'Use --user.',
  });
}

it('returns undefined for a listening socket', () => {
  expect(causeOf({ kind: 'listening' })).toBeUndefined();
});

it('reports mode and owner of a socket that denies access', () => {
  expect(causeOf({ kind: 'denied', mode: '0600', uid: 4242, gid: 4243 })).toEqual({
    cause: expect.stringMatching(
      /^this user \(\d+:\d+\) may not open the socket \/run\/x\.sock: mode 0600, owner 4242:4243$/,
    ),
    advice: 'Use --user.',
  });
  expect(causeOf({ kind: 'denied' })?.cause).toContain('its folder is not accessible');
});

it('names the variables that the target ignored', () => {
  expect(causeOf({ kind: 'absent' })).toEqual({
    cause: 'the container runs, but there is no socket at /run/x.sock',
    advice: 'It must bind the path in A and B. To use another variable, set --socket-env.',
  });
});

it('joins the last log lines', () => {
  const logs = new LogBuffer();
  expect(describeOutput(logs)).toBe('Its log is empty.');
  logs.write('stderr', Buffer.from('one\ntwo\n\n  three\n'));
  expect(describeOutput(logs)).toBe('Its last output: two | three');
  expect(describeExit({ code: 3, signal: null })).toBe('ended with exit code 3');
  expect(describeExit({ code: null, signal: 'SIGKILL' })).toBe('was killed by SIGKILL');
});
