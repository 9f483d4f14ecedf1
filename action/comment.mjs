#!/usr/bin/env node
// Posts the comment of the action on a pull request, or updates the one that it posted before:
// node action/comment.mjs KEY FILE [--update-only]
// KEY distinguishes comments of several jobs on one pull request. FILE has the text in Markdown.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/** Time limit of one request, in milliseconds. */
const requestMs = 30_000;
/** Maximum number of pages of 100 comments to search for the earlier comment. */
const maxPages = 50;
/** GitHub rejects comments of more than 65,536 characters. */
const maxLength = 60_000;

/** A request to the API of GitHub failed. The message is one line. */
export class GitHubError extends Error {
  name = 'GitHubError';
  code = 'github-request';

  /** @param {string} message @param {number} status HTTP status, or 0 without a response */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @typedef {object} Place the pull request to comment on
 * @property {string} api base URL of the API, `GITHUB_API_URL`
 * @property {string} repository `OWNER/NAME`
 * @property {number} number of the pull request
 * @property {string} token
 */

/**
 * Creates the comment, or updates it in place. A comment counts as the earlier one if it begins with the marker of the
 * key and belongs to the user of the token, because other users can write the marker, too.
 * @param {Place} place
 * @param {{ key: string, text: string, updateOnly: boolean }} comment `updateOnly`: do not create one
 * @returns {Promise<'created' | 'updated' | 'unchanged' | 'not needed'>}
 * @throws {GitHubError}
 */
export async function comment(place, { key, text, updateOnly }) {
  const marker = `<!-- mcp-runtime-conformance: ${key.replace(/[^\w.]+/g, '-')} -->`;
  const body = `${marker}\n${shortened(text)}`;
  const comments = `/repos/${place.repository}/issues/${place.number}/comments`;
  const earlier = await findEarlier(place, comments, marker);
  if (earlier?.body === body) return 'unchanged';
  if (earlier !== undefined) {
    await request(place, 'PATCH', `/repos/${place.repository}/issues/comments/${earlier.id}`, { body });
    return 'updated';
  }
  if (updateOnly) return 'not needed';
  await request(place, 'POST', comments, { body });
  return 'created';
}

async function findEarlier(place, comments, marker) {
  const author = await ownLogin(place);
  for (let page = 1; page <= maxPages; page += 1) {
    const found = await request(place, 'GET', `${comments}?per_page=100&page=${page}`);
    const own = found.find(({ body, user }) => body?.startsWith(marker) && user?.login === author);
    if (own !== undefined) return own;
    if (found.length < 100) return undefined;
  }
  return undefined;
}

/** Returns the user of the token. The token of a workflow run cannot ask for it. */
async function ownLogin(place) {
  try {
    return (await request(place, 'GET', '/user')).login;
  } catch (error) {
    if (error instanceof GitHubError && error.status >= 400 && error.status < 500)
      return 'github-actions[bot]';
    throw error;
  }
}

async function request({ api, token }, method, path, content) {
  let response;
  try {
    response = await fetch(`${api}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
      body: content && JSON.stringify(content),
      redirect: 'error',
      signal: AbortSignal.timeout(requestMs),
    });
  } catch (error) {
    throw new GitHubError(`${method} ${path}: no response (${error.cause?.code ?? error.name})`, 0);
  }
  const { status } = response;
  if (!response.ok) {
    await response.body?.cancel();
    throw new GitHubError(`${method} ${path}: GitHub answered ${status}`, status);
  }
  return response.json();
}

function shortened(text) {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, text.lastIndexOf('\n', maxLength))}\n\n*The rest is in the summary of the workflow run.*\n`;
}

/** Escapes the text of a workflow command. */
function commandText(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

async function main([key, file, flag], environment) {
  const event = JSON.parse(await readFile(environment.GITHUB_EVENT_PATH, 'utf8'));
  const number = event.pull_request?.number;
  if (!Number.isSafeInteger(number)) {
    console.log('no comment: this run is not for a pull request');
    return;
  }
  const place = {
    api: environment.GITHUB_API_URL,
    repository: environment.GITHUB_REPOSITORY,
    number,
    token: environment.GITHUB_TOKEN,
  };
  const text = await readFile(file, 'utf8');
  try {
    const outcome = await comment(place, { key, text, updateOnly: flag === '--update-only' });
    console.log(`comment on pull request ${number}: ${outcome}`);
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    // The outcome of the job is that of the check.
    const advice =
      error.status === 403 || error.status === 404
        ? '; give the job the permission pull-requests: write. Pull requests from forks have a token that can only read'
        : '';
    console.log(
      `::warning title=no comment on the pull request::${commandText(`${error.message}${advice}`)}`,
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(process.argv.slice(2), process.env);
}
