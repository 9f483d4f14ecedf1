import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../base/package.ts';
import { FakeGitHub } from './testing/fake-github.ts';

const script = join(packageRoot(), 'action/comment.mjs');
const bot = 'github-actions[bot]';

let github: FakeGitHub;
let folder: string;

beforeEach(async () => {
  github = await FakeGitHub.start();
  folder = await mkdtemp(join(tmpdir(), 'comment-'));
});

afterEach(async () => {
  await github[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Runs the script as the action does, with a text and the event of a pull request. */
async function comment(
  body: string,
  words: readonly string[] = [],
  event: object = { pull_request: { number: 7 } },
) {
  await writeFile(join(folder, 'text.md'), body);
  await writeFile(join(folder, 'event.json'), JSON.stringify(event));
  const child = spawn(process.execPath, [script, 'kit', join(folder, 'text.md'), ...words], {
    env: {
      PATH: process.env['PATH'],
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: 'acme/runtime',
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_TOKEN: github.token,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  const [output, problems, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { output, problems, code };
}

describe('the comment on a pull request', () => {
  test('is created once and updated in place', async () => {
    github.comments.push({ id: 1, user: 'someone', body: 'hello' });
    expect(await comment('one\n')).toEqual({
      output: 'comment on pull request 7: created\n',
      problems: '',
      code: 0,
    });
    expect(await comment('two\n')).toMatchObject({ output: 'comment on pull request 7: updated\n' });
    expect(await comment('two\n')).toMatchObject({ output: 'comment on pull request 7: unchanged\n' });
    expect(github.comments.map(({ body }) => body)).toEqual([
      'hello',
      '<!-- mcp-runtime-conformance: kit -->\ntwo\n',
    ]);
  });

  test('is found behind a hundred others', async () => {
    const others = Array.from({ length: 250 }, (_, id) => ({ id, user: 'someone', body: 'hello' }));
    const own = { id: 999, user: bot, body: '<!-- mcp-runtime-conformance: kit -->\nold' };
    github.comments.push(...others, own);
    expect(await comment('new')).toMatchObject({ output: 'comment on pull request 7: updated\n' });
    expect(github.comments).toHaveLength(251);
  });

  test('is updated but not created if there are no changes', async () => {
    expect(await comment('x', ['--update-only'])).toMatchObject({
      output: 'comment on pull request 7: not needed\n',
    });
    expect(github.comments).toEqual([]);
    await comment('x');
    expect(await comment('y', ['--update-only'])).toMatchObject({
      output: 'comment on pull request 7: updated\n',
    });
  });

  test('does not replace the comment of another user with the same marker', async () => {
    const trap = { id: 1, user: 'mallory', body: '<!-- mcp-runtime-conformance: kit -->\nmine' };
    github.comments.push({ ...trap });
    expect(await comment('x')).toMatchObject({ output: 'comment on pull request 7: created\n' });
    expect(github.comments[0]).toEqual(trap);
  });

  test('belongs to the user of a personal token', async () => {
    github.login = 'robot';
    expect(await comment('x')).toMatchObject({ output: 'comment on pull request 7: created\n' });
    expect(await comment('y')).toMatchObject({ output: 'comment on pull request 7: updated\n' });
    expect(github.comments).toHaveLength(1);
  });

  test('is cut to the length that GitHub accepts', async () => {
    await comment('a line\n'.repeat(20_000));
    const [{ body = '' } = {}] = github.comments;
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/a line\n\n\*The rest is in the summary of the workflow run\.\*\n$/);
  });

  test('does not fail the job if the token may only read', async () => {
    github.readOnly = true;
    expect(await comment('x')).toEqual({
      output:
        '::warning title=no comment on the pull request::POST /repos/acme/runtime/issues/7/comments: GitHub answered 403; ' +
        'give the job the permission pull-requests: write. Pull requests from forks have a token that can only read\n',
      problems: '',
      code: 0,
    });
  });

  test('does not fail the job if GitHub does not answer', async () => {
    await github[Symbol.asyncDispose]();
    const { output, code } = await comment('x');
    expect(output).toMatch(/^::warning title=.*::GET \/user: no response \(ECONNREFUSED\)\n$/);
    expect(code).toBe(0);
  });

  test('needs a pull request', async () => {
    expect(await comment('x', [], { ref: 'refs/heads/main' })).toMatchObject({
      output: 'no comment: this run is not for a pull request\n',
      code: 0,
    });
    expect(github.requests).toEqual([]);
  });
});
