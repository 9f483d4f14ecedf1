import { expect, it } from 'vitest';
import { describeExit, diagnoseSocket, lastWords } from './diagnosis.ts';
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

it('says nothing of a socket that listens', () => {
  expect(causeOf({ kind: 'listening' })).toBeUndefined();
});

it('says mode and owner of a socket that is closed to this user', () => {
  expect(causeOf({ kind: 'denied', mode: '0600', uid: 4242, gid: 4243 })).toEqual({
    cause: expect.stringMatching(
      /^the socket \/run\/x\.sock may not be opened by this user \(\d+:\d+\): mode 0600, owner 4242:4243$/,
    ),
    advice: 'Use --user.',
  });
  expect(causeOf({ kind: 'denied' })?.cause).toContain('its folder is closed to this user');
});

it('names the variables that a target has overlooked', () => {
  expect(causeOf({ kind: 'absent' })).toEqual({
    cause: 'the container runs, but there is no socket at /run/x.sock',
    advice: 'It has to bind the path that A and B hold; --socket-env names another variable.',
  });
});

it('puts the end of a log on one line', () => {
  const logs = new LogBuffer();
  expect(lastWords(logs)).toBe('It wrote nothing.');
  logs.write('stderr', Buffer.from('one\ntwo\n\n  three\n'));
  expect(lastWords(logs)).toBe('It last wrote: two | three');
  expect(describeExit({ code: 3, signal: null })).toBe('ended with exit code 3');
  expect(describeExit({ code: null, signal: 'SIGKILL' })).toBe('was ended by SIGKILL');
});
