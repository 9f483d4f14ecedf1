import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A comment on the pull request. */
export interface FakeComment {
  readonly id: number;
  readonly user: string;
  body: string;
}

/** The part of the API of GitHub that concerns comments, for one pull request: `acme/runtime`, number 7. */
export class FakeGitHub implements AsyncDisposable {
  readonly token = 'token-of-the-run';
  readonly comments: FakeComment[] = [];
  /** The requests so far: `GET /user`. */
  readonly requests: string[] = [];
  /** The user of a personal token. Undefined for the token of a workflow run. */
  login: string | undefined;
  /** Whether the token may only read, as for pull requests from forks. */
  readOnly = false;
  readonly #server: Server;
  #url = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.writeHead(500).end());
    });
  }

  static async start(): Promise<FakeGitHub> {
    const github = new FakeGitHub();
    github.#server.listen(0, '127.0.0.1');
    await once(github.#server, 'listening');
    github.#url = `http://127.0.0.1:${(github.#server.address() as AddressInfo).port}`;
    return github;
  }

  /** The base URL of the API. */
  get url(): string {
    return this.#url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.requests.push(`${method} ${url}`);
    const send = (status: number, content: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    };
    if (headers.authorization !== `Bearer ${this.token}`) return send(401, { message: 'Bad credentials' });
    const { pathname, searchParams } = new URL(url, this.url);
    if (pathname === '/user') {
      return this.login === undefined
        ? send(403, { message: 'Resource not accessible by integration' })
        : send(200, { login: this.login });
    }
    if (method === 'GET' && pathname === '/repos/acme/runtime/issues/7/comments') {
      const size = Number(searchParams.get('per_page'));
      const from = (Number(searchParams.get('page')) - 1) * size;
      return send(200, this.comments.slice(from, from + size).map(documentOf));
    }
    if (this.readOnly) return send(403, { message: 'Resource not accessible by integration' });
    const { body } = JSON.parse(await text(request)) as { readonly body: string };
    if (body.length > 65_536) return send(422, { message: 'Validation Failed' });
    if (method === 'POST' && pathname === '/repos/acme/runtime/issues/7/comments') {
      const added = { id: 1_000 + this.comments.length, user: this.login ?? 'github-actions[bot]', body };
      this.comments.push(added);
      return send(201, documentOf(added));
    }
    const id = /^\/repos\/acme\/runtime\/issues\/comments\/(\d+)$/.exec(pathname)?.[1];
    const changed = this.comments.find((each) => each.id === Number(id));
    if (method !== 'PATCH' || changed === undefined) return send(404, { message: 'Not Found' });
    changed.body = body;
    return send(200, documentOf(changed));
  }
}

function documentOf({ id, user, body }: FakeComment): object {
  return { id, body, user: { login: user } };
}
