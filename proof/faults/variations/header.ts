import { randomUUID } from 'node:crypto';
import type { Answer } from '../../../reference-runtime/http/answer.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { fieldOf, onAnswer, onResponse, withFields } from '../changes/runtime.ts';
import { heads, postRefusalAnswers } from '../changes/streams.ts';

/** Changes the header fields of every answer: of unary ones, of streams, and of refused streams. */
function onEveryHead(change: (fields: Readonly<Record<string, string>>) => Record<string, string>): Hooks {
  const changed = (answer: Answer) => ({ ...answer, headers: change(answer.headers) });
  return {
    ...onAnswer(changed),
    ...postRefusalAnswers(changed),
    ...heads(({ status, headers }) => ({ status, headers: change(headers) })),
  };
}

const manyFields = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [`x-field-${index}`, `${index}`.repeat(300).slice(0, 300)]),
);

/** Variations of header fields. */
export const headerVariations = variations([
  {
    name: 'media-types-with-charset',
    clause: 'HEADER-1',
    about: 'The runtime adds a charset to media types',
    hooks: onAnswer((answer) => {
      const type = answer.headers['content-type'];
      return type === undefined ? answer : withFields(answer, { 'content-type': `${type}; charset=utf-8` });
    }),
  },
  {
    name: 'media-types-in-capitals',
    clause: 'HEADER-1',
    about: 'The runtime writes media types in upper case',
    hooks: onAnswer((answer) => {
      const type = answer.headers['content-type'];
      return type === undefined ? answer : withFields(answer, { 'content-type': type.toUpperCase() });
    }),
  },
  {
    name: 'right-content-length',
    clause: 'HEADER-7',
    about: 'The runtime states the length of each body in content-length',
    hooks: onAnswer((answer) => withFields(answer, { 'content-length': `${answer.body.length}` })),
  },
  {
    name: 'refusals-say-how-to-authenticate',
    clause: 'HEADER-2',
    about: 'The runtime adds www-authenticate and retry-after to its refusals',
    hooks: onAnswer((answer) =>
      answer.status < 400
        ? answer
        : withFields(answer, {
            'www-authenticate': 'Bearer realm="mcp"',
            'retry-after': '1',
            'x-request-id': 'a b',
          }),
    ),
  },
  {
    name: 'more-header-fields',
    clause: 'HEADER-2',
    about: 'The runtime adds unrequested header fields to its responses',
    hooks: onAnswer((answer) =>
      withFields(answer, {
        'cache-control': 'no-store, no-transform',
        date: 'Mon, 23 Nov 2026 10:00:00 GMT',
        'x-request-id': randomUUID(),
        'x_odd.name!': 'a\tb ~',
        'x-empty': '',
      }),
    ),
  },
  {
    name: 'media-types-with-odd-parameters',
    clause: 'HEADER-1',
    about: 'The runtime writes parameters of media types with quotes, capitals, blanks and an empty one',
    hooks: onEveryHead(({ 'content-type': type, ...others }) =>
      type === undefined ? others : { ...others, 'content-type': `${type} ;\tCharset="UTF-8";` },
    ),
  },
  {
    name: 'many-long-header-fields',
    clause: 'HEADER-2',
    about: 'The runtime sends 20 header fields of 300 characters with every answer',
    hooks: onEveryHead((fields) => ({ ...fields, ...manyFields })),
  },
  {
    name: 'revision-in-every-answer',
    clause: 'HEADER-2',
    about: 'The runtime repeats the revision of a call in its answer',
    hooks: onResponse((response, request) => {
      const revision = fieldOf(request, 'mcp-protocol-version');
      if (revision !== undefined && response.status < 300)
        response.headers['mcp-protocol-version'] = revision;
      return response;
    }),
  },
]);
