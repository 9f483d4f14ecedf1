import { afterEach, expect, it, vi } from 'vitest';
import { classifyUnavailable, dockerMessage } from './docker.ts';

afterEach(() => vi.unstubAllEnvs());

it('reports the address at which no daemon answers', () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nonexistent/docker.sock');
  expect(classifyUnavailable(new Error('connect ENOENT'))).toMatchObject({
    code: 'docker-unavailable',
    message: 'Docker cannot be reached at DOCKER_HOST=unix:///nonexistent/docker.sock: connect ENOENT.',
    advice: expect.stringContaining('unset DOCKER_HOST'),
  });
});

it('extracts the message of the daemon as one line', () => {
  const error = Object.assign(new Error('(HTTP code 404) no such image - x'), {
    json: { message: 'No such image:\n  x:latest' },
  });
  expect(dockerMessage(error)).toBe('No such image: x:latest');
  expect(dockerMessage(new Error('(HTTP code 500) server error - it broke. '))).toBe('it broke');
  expect(dockerMessage('odd')).toBe('odd');
});
