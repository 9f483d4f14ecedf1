import { randomUUID } from 'node:crypto';
import { variations } from '../../harness/fault.ts';
import { onAnswer, withFields } from '../changes/runtime.ts';

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
]);
