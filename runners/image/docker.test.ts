import { expect, it } from 'vitest';
import { classifyUnavailable, dockerMessage } from './docker.ts';

it('reports the address at which no daemon answers', () => {
  const host = 'unix:///nonexistent/docker.sock';
  expect(classifyUnavailable(new Error('connect ENOENT'), { from: 'DOCKER_HOST', host })).toMatchObject({
    code: 'docker-unavailable',
    message: 'Docker cannot be reached at DOCKER_HOST=unix:///nonexistent/docker.sock: connect ENOENT.',
    advice: expect.stringContaining('unset DOCKER_HOST'),
  });
});

it('names the context whose daemon does not answer', () => {
  const context = { from: 'context', name: 'colima', host: 'unix:///nonexistent/colima.sock' } as const;
  expect(classifyUnavailable(new Error('connect ENOENT'), context).message).toBe(
    'Docker cannot be reached at unix:///nonexistent/colima.sock, the address of the Docker context colima: connect ENOENT.',
  );
});

it('extracts the message of the daemon as one line', () => {
  const error = Object.assign(new Error('(HTTP code 404) no such image - x'), {
    json: { message: 'No such image:\n  x:latest' },
  });
  expect(dockerMessage(error)).toBe('No such image: x:latest');
  expect(dockerMessage(new Error('(HTTP code 500) server error - it broke. '))).toBe('it broke');
  expect(dockerMessage('odd')).toBe('odd');
});
