import type { ServerResponse } from 'node:http';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { emptyAnswer } from '../../../reference-runtime/http/answer.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { answers, beforeAnswers, sentBytes } from '../changes/http.ts';

/** Sends whole answers in another way. */
function sending(send: (outgoing: ServerResponse, body: Uint8Array) => void): Hooks {
  return {
    sendAnswer(outgoing, { status, headers, body }) {
      outgoing.writeHead(status, { ...headers });
      send(outgoing, body);
    },
  };
}

/** Splits the bytes of responses into pieces. */
function pieces(size: number): Hooks {
  return sentBytes((bytes) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    ),
  );
}

/** Changes the head of each response. The bodies of this runtime never begin like a head. */
function heads(change: (head: string) => string): Hooks {
  return sentBytes((bytes) => {
    const text = bytes.toString('latin1');
    if (!text.startsWith('HTTP/1.1 ')) return [bytes];
    const end = text.indexOf('\r\n\r\n');
    return [Buffer.from(change(text.slice(0, end)) + text.slice(end), 'latin1')];
  });
}

/** Variations over HTTP. */
export const httpVariations = variations([
  {
    name: 'http-answers-in-chunks',
    clause: 'HTTP-5',
    about: 'The runtime sends whole answers in the transfer coding chunked',
    hooks: sending((outgoing, body) => {
      outgoing.flushHeaders();
      for (let at = 0; at < body.length; at += 5_000) outgoing.write(body.subarray(at, at + 5_000));
      outgoing.end();
    }),
  },
  {
    name: 'http-trailers',
    clause: 'HTTP-5',
    about: 'The runtime ends chunked answers with trailer fields',
    hooks: sending((outgoing, body) => {
      outgoing.write(body);
      outgoing.addTrailers({ 'x-trailer': '1' });
      outgoing.end();
    }),
  },
  {
    name: 'http-fields-of-the-server',
    clause: 'HTTP-5',
    about: 'The runtime adds the fields server, connection, keep-alive and date to its answers',
    hooks: beforeAnswers((outgoing) => {
      outgoing.setHeader('server', 'runtime/1');
      if (!outgoing.shouldKeepAlive) return;
      outgoing.setHeader('connection', 'keep-alive');
      outgoing.setHeader('keep-alive', 'timeout=3600');
    }),
  },
  {
    name: 'http-without-date',
    clause: 'HTTP-5',
    about: 'The runtime sends no date',
    hooks: beforeAnswers((outgoing) => {
      outgoing.sendDate = false;
    }),
  },
  {
    name: 'http-fields-in-other-case',
    clause: 'HTTP-5',
    about: 'The runtime writes the names of fields in upper case',
    hooks: heads((head) => head.replace(/^[a-z-]+(?=:)/gim, (name) => name.toUpperCase())),
  },
  {
    name: 'http-blanks-around-values',
    clause: 'HTTP-5',
    about: 'The runtime writes white space around the values of fields',
    hooks: heads((head) => head.replace(/^([a-z-]+): (.*)$/gim, '$1:\t $2 ')),
  },
  {
    name: 'http-without-reason',
    clause: 'HTTP-5',
    about: 'The runtime sends status lines with an empty reason',
    hooks: heads((head) => head.replace(/^(HTTP\/1\.1 \d{3}) .*/, '$1 ')),
  },
  {
    name: 'http-other-reasons',
    clause: 'HTTP-5',
    about: 'The runtime sends status lines with another reason',
    hooks: heads((head) => head.replace(/^(HTTP\/1\.1 \d{3}) .*/, '$1 As the runtime says')),
  },
  {
    name: 'http-interim-responses',
    clause: 'HTTP-5',
    about: 'The runtime sends 100, 102 and 103 before its answers',
    hooks: heads(
      (head) =>
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${head}`,
    ),
  },
  {
    name: 'http-in-pieces',
    clause: 'HTTP-6',
    about: 'The runtime sends its responses in pieces of a thousand bytes',
    hooks: pieces(1_000),
  },
  {
    name: 'http-chunk-extensions',
    clause: 'HTTP-6',
    about: 'The runtime writes chunk sizes in upper case, with leading zeros and an extension',
    hooks: sentBytes((bytes) => [
      Buffer.from(
        bytes.toString('latin1').replace(/^([0-9a-f]+)\r\n/, (_, size) => `00${size.toUpperCase()};a=b\r\n`),
        'latin1',
      ),
    ]),
  },
  {
    name: 'http-closes-after-large-bodies',
    clause: 'HTTP-8',
    about: 'The runtime closes the connection after a body beyond the limit, which it has not read',
    hooks: beforeAnswers((outgoing, { status }) => {
      if (status === 413) outgoing.setHeader('connection', 'close');
    }),
  },
  {
    name: 'http-malformed-without-answer',
    clause: 'HTTP-9',
    about: 'The runtime closes the connection of a request with ambiguous framing without an answer',
    hooks: {
      refuseMalformed(connection, code = '') {
        // An invalid field value is refused with a status (HEADER-4).
        if (/LENGTH|ENCODING|CHUNK/.test(code)) connection.destroy();
        else defaultHooks.refuseMalformed(connection, code);
      },
    },
  },
  {
    name: 'http-invalid-auth-context-400',
    clause: 'HTTP-4',
    about: 'The runtime answers 400 to an unreadable auth context',
    hooks: answers((answer) =>
      answer.status === 401 && Buffer.from(answer.body).includes('auth_context_unreadable')
        ? { ...answer, status: 400 }
        : answer,
    ),
  },
  {
    name: 'http-repeated-fields-409',
    clause: 'HTTP-4',
    about: 'The runtime answers 409 to a repeated internal field',
    hooks: answers((answer) =>
      Buffer.from(answer.body).includes('more than once') ? { ...answer, status: 409 } : answer,
    ),
  },
  {
    name: 'http-health-with-more-members',
    clause: 'HTTP-2',
    about: 'The runtime adds members to the health answer',
    hooks: {
      healthAnswer(state) {
        const answer = defaultHooks.healthAnswer(state);
        const text = Buffer.from(answer.body).toString().replace(/\}$/, ',"uptime":1}');
        return {
          ...answer,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: Buffer.from(text),
        };
      },
    },
  },
  {
    name: 'http-health-503-at-the-end',
    clause: 'HTTP-2',
    about: 'The runtime answers GET /health with 503 while it stops',
    process: (serve) =>
      serve({
        hooks: {
          healthAnswer: (state) =>
            state.status === 'ok' ? defaultHooks.healthAnswer(state) : emptyAnswer(503),
        },
      }),
  },
]);
