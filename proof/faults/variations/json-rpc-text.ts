import { isObject } from '../../../base/is-object.ts';
import type { McpRequest } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { errorResponse, resultResponse } from '../../../reference-runtime/mcp/json-rpc-error.ts';
import { jsonToken, replaceToken } from '../../../reference-runtime/mcp/json-token.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { onMessagesOfBothEras, onStrings } from '../changes/json-text.ts';
import { changedJson } from '../changes/lossless-json.ts';
import { onModern } from '../changes/modern.ts';
import { asEvents, onRequest, refuse } from '../changes/runtime.ts';
import { decoder, encoder, withoutDeclaring } from '../changes/streams.ts';

/** Length of a message from which it stays as it is, because its new form would exceed limits on its size. */
const longMessage = 100_000;

/** Replaces every character of a string with an escape. */
function escaped(token: string): string {
  const text = String(JSON.parse(token));
  const escapes = text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
  return `"${escapes.join('')}"`;
}

/** Reverses the members of objects at every depth. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

/** Changes the text of request bodies. */
function onBodies(change: (text: string) => string) {
  return onRequest((request: McpRequest) => {
    const text = decoder.decode(request.body);
    const changed = change(text);
    if (changed !== text) request.body = encoder.encode(changed);
  });
}

/** Sends every second response as an SSE body. */
function everySecondAsEvents(): Hooks {
  const { responseOf = defaultHooks.responseOf } = asEvents((data) => `event: message\ndata: ${data}\n\n`);
  let count = 0;
  return {
    responseOf: (answer) => (count++ % 2 === 0 ? responseOf(answer) : defaultHooks.responseOf(answer)),
  };
}

const misfitError = { code: -32602, message: 'Invalid arguments' };

/** Returns whether a result reports arguments that do not fit their tool. */
function isMisfit(result: unknown): boolean {
  return Object(result).isError === true && JSON.stringify(result).includes('"Invalid arguments for ');
}

const hasExponent = /^-?[\d.]+[eE]/;

/** Variations of the text of JSON-RPC messages, in both eras. */
export const jsonRpcTextVariations = variations([
  {
    name: 'json-escaped-throughout',
    clause: 'JSONRPC-11',
    about: 'The runtime escapes every character of strings and member names in JSON',
    hooks: onMessagesOfBothEras((json) => (json.length > longMessage ? json : onStrings(json, escaped))),
  },
  {
    name: 'json-in-reverse',
    clause: 'JSONRPC-1',
    about: 'The runtime writes the members of all objects in JSON in reverse order',
    hooks: onMessagesOfBothEras((json) => {
      if (json.length > longMessage) return json;
      const token = jsonToken(json, ['id']);
      const changed = changedJson(json, reversed);
      return token === undefined ? changed : replaceToken(changed, ['id'], token);
    }),
  },
  {
    name: 'integers-in-other-forms',
    clause: 'JSONRPC-12',
    about: 'The runtime writes integers with a fraction or an exponent',
    hooks: onMessagesOfBothEras((json) =>
      json
        .replace(/(?<!\\)"(code|total|size|ttlMs)":(-?\d+)(?=[,}])/g, '"$1":$2.0')
        .replace(/(?<!\\)"(progress|priority)":(\d+)(?=[,}])/g, '"$1":$2e0'),
    ),
  },
  {
    name: 'ids-without-exponents',
    clause: 'JSONRPC-2',
    about: 'The runtime writes ids that have an exponent in digits',
    hooks: {
      responseId: (token) => (hasExponent.test(token) ? String(Number(token)) : token),
      modernCall: (received) => {
        const { message } = received;
        if (message.kind !== 'request' || !hasExponent.test(message.id)) return received;
        return { ...received, message: { ...message, id: String(Number(message.id)) } };
      },
    },
  },
  {
    name: 'ids-with-exponents-refused',
    clause: 'JSONRPC-2',
    about: 'The runtime refuses ids that have an exponent',
    hooks: {
      parseMessage(body) {
        const message = defaultHooks.parseMessage(body);
        if (message.kind === 'request' && hasExponent.test(message.id))
          refuse('INVALID_ARGUMENT', 400, -32600);
        return message;
      },
    },
  },
  {
    name: 'null-params-are-missing',
    clause: 'JSONRPC-9',
    about: 'The runtime treats params null as missing',
    hooks: onBodies((text) => text.replace(/,"params":null(?=[,}])/, '')),
  },
  {
    name: 'params-of-another-type-do-not-fit',
    clause: 'JSONRPC-9',
    about: 'The runtime answers -32602 to params that are a text, a number or a boolean',
    hooks: onBodies((text) =>
      /"id":/.test(text)
        ? text.replace(/,"params":(?:"[^"]*"|\d+|true|false)(?=[,}])/, ',"params":[]')
        : text,
    ),
  },
  {
    name: 'integers-with-fractions-do-not-fit',
    clause: 'JSONRPC-13',
    about: 'The runtime answers arguments such as 3.0 with isError where it expects an integer',
    hooks: onBodies((text) => text.replace(/"(size)":(\d+(?:\.\d+|[eE]\d+))/, '"$1":"$2"')),
  },
  {
    name: 'responses-in-turns',
    clause: 'JSONRPC-10',
    about: 'The runtime sends every second response as events, which nobody can resume',
    servesLess: true,
    hooks: { ...everySecondAsEvents(), ...withoutDeclaring('resume') },
  },
  {
    name: 'arguments-that-do-not-fit-are-errors',
    clause: 'JSONRPC-9',
    about: 'The runtime answers -32602 to arguments that do not fit the input schema of a tool',
    hooks: {
      writeResult: (id, result) =>
        isMisfit(result) ? errorResponse(id, misfitError) : resultResponse(id, result),
      ...onModern((message) => {
        if (!isMisfit(message.result)) return message;
        const { result: _, ...others } = message;
        return { ...others, error: misfitError };
      }),
    },
  },
]);
