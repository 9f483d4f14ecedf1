import { isObject } from '../../../base/is-object.ts';
import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import {
  argumentsOf,
  modernField,
  modernRefusal,
  onModernMeta,
  onModernRequest,
  onModernResult,
  refusedByCode,
} from '../changes/modern.ts';
import { onFields } from '../changes/runtime.ts';

const versionKey = 'io.modelcontextprotocol/protocolVersion';
const invisible = /[^\t -~]/;
const marker = /^=\?base64\?(.*)\?=$/;

const encoded = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
const nameOf = ({ params }: RequestMessage): string =>
  String(Object(params)['name'] ?? Object(params)['uri']);
const versionOf = ({ params }: RequestMessage): string => String(Object(Object(params)['_meta'])[versionKey]);
const isListOf = ({ method }: RequestMessage) => method.endsWith('/list');

/** Accepts the value that `accepts` compares with the expected value. Other values stay. */
function field(
  name: string,
  expected: (message: RequestMessage) => string | undefined,
  accepts: (value: string | undefined, expected: string, message: RequestMessage) => boolean,
): Hooks {
  return modernField(name, (message, value) => {
    const wanted = expected(message);
    return wanted !== undefined && accepts(value, wanted, message)
      ? encodedIfNeeded(name, wanted)
      : undefined;
  });
}

/** Returns the field for a text. Only names and params may be encoded. */
function encodedIfNeeded(name: string, text: string): string {
  return name === 'mcp-method' || name === 'mcp-protocol-version' || /^[!->@-~]+$/.test(text)
    ? text
    : encoded(text);
}

const versionField = (accepts: (value: string | undefined, message: RequestMessage) => boolean) =>
  field('mcp-protocol-version', versionOf, (value, _expected, message) => accepts(value, message));
const methodField = (
  accepts: (value: string | undefined, expected: string, message: RequestMessage) => boolean,
) => field('mcp-method', ({ method }) => method, accepts);
const nameField = (
  accepts: (value: string | undefined, expected: string, message: RequestMessage) => boolean,
) => field('mcp-name', nameOf, accepts);

/** Changes each header field of every call before the runtime checks it. */
const eachField = (change: (name: string, value: string) => readonly (readonly [string, string])[]) =>
  onFields((fields) =>
    Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => change(name, value))),
  );

/** Returns the text of an argument as its field has it, or undefined if it has no value. */
function argumentText(message: RequestMessage, path: readonly string[]): string | undefined {
  let value: unknown = argumentsOf(message);
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

const paramField = (
  name: string,
  path: readonly string[],
  accepts: (value: string | undefined, expected: string) => boolean,
) => field(`mcp-param-${name}`, (message) => argumentText(message, path), accepts);

const decodedBy = (decode: (text: string) => string) => (value: string | undefined, expected: string) => {
  const text = marker.exec(value ?? '')?.[1];
  return text !== undefined && decode(text) === expected;
};

/** Changes the annotated schema of the tool for these cases. */
function mirrorSchema(change: (properties: Record<string, object>) => Record<string, unknown>): Hooks {
  return onModernResult(
    (result) => ({
      ...result,
      tools: result.tools.map(
        (tool: { name: string; inputSchema: { properties: Record<string, object> } }) =>
          tool.name === 'conformance_mirror'
            ? { ...tool, inputSchema: { ...tool.inputSchema, ...change(tool.inputSchema.properties) } }
            : tool,
      ),
    }),
    'tools/list',
  );
}

const withProperty = (name: string, schema: object) =>
  mirrorSchema((properties) => ({ properties: { ...properties, [name]: schema } }));

/** Carries out calls whose field mcp-name is wrong, and then refuses them. */
function refusedTooLate(): Hooks {
  const wrong = new WeakSet<object>();
  const right = nameField((value, expected, message) => {
    if (value !== undefined && value !== expected && marker.exec(value) === null) wrong.add(message);
    return wrong.has(message);
  });
  return {
    ...right,
    modernResponse: (response, { message }: ModernCall) => {
      if (!wrong.has(message) || message.kind !== 'request') return response;
      return refusedByCode(-32020)(message);
    },
  };
}

/** Faults in the header fields of MCP 2026-07-28. */
export const modernHeaderFaults = runtimeFaults([
  {
    name: 'modern-version-field-not-required-by-lists',
    clause: 'MODERN-6',
    about: 'The runtime lists prompts without mcp-protocol-version',
    hooks: versionField((value, { method }) => value === undefined && method === 'prompts/list'),
  },
  {
    name: 'modern-empty-version-field',
    clause: 'MODERN-6',
    about: 'The runtime treats an empty mcp-protocol-version as equal to any version',
    hooks: versionField((value) => value === ''),
  },
  {
    name: 'modern-version-of-the-session-era-in-the-field',
    clause: 'MODERN-6',
    about:
      'The runtime completes arguments for requests whose mcp-protocol-version names an earlier revision',
    hooks: versionField((value, { method }) => value === '2025-11-25' && method === 'completion/complete'),
  },
  {
    name: 'modern-version-field-wins',
    clause: 'MODERN-6',
    about: 'The runtime ignores the version in the body if the header field has one that it serves',
    hooks: onModernMeta((meta, { call }) =>
      call.headers.get('mcp-protocol-version') === '2026-07-28' && typeof meta[versionKey] === 'string'
        ? { ...meta, [versionKey]: '2026-07-28' }
        : meta,
    ),
  },
  {
    name: 'modern-unserved-version-before-its-field',
    clause: 'MODERN-6',
    about: 'The runtime reports an unserved version in the body without comparing it with the header field',
    hooks: versionField((value, message) => value !== undefined && /^(?!2026)/.test(versionOf(message))),
  },
  {
    name: 'modern-method-field-not-required-by-lists',
    clause: 'MODERN-7',
    about: 'The runtime lists without mcp-method',
    hooks: methodField((value, _expected, message) => value === undefined && isListOf(message)),
  },
  {
    name: 'modern-empty-method-field',
    clause: 'MODERN-7',
    about: 'The runtime treats an empty mcp-method as absent and accepts it',
    hooks: methodField((value) => value === ''),
  },
  {
    name: 'modern-method-field-of-reads-in-any-case',
    clause: 'MODERN-7',
    about: 'The runtime compares mcp-method of reads regardless of letter case',
    hooks: methodField(
      (value, expected) => expected === 'resources/read' && value?.toLowerCase() === expected,
    ),
  },
  {
    name: 'modern-name-field-of-prompts-not-required',
    clause: 'MODERN-7',
    about: 'The runtime returns prompts without mcp-name',
    hooks: nameField((value, _expected, { method }) => value === undefined && method === 'prompts/get'),
  },
  {
    name: 'modern-empty-name-field',
    clause: 'MODERN-7',
    about: 'The runtime treats an empty mcp-name as equal to any name',
    hooks: nameField((value) => value === ''),
  },
  {
    name: 'modern-name-field-in-any-case',
    clause: 'MODERN-7',
    about: 'The runtime compares mcp-name regardless of letter case',
    hooks: nameField((value, expected) => value?.toLowerCase() === expected.toLowerCase()),
  },
  {
    name: 'modern-name-field-begins-with-the-name',
    clause: 'MODERN-7',
    about: 'The runtime accepts text after the name in mcp-name',
    hooks: nameField((value, expected) => value?.startsWith(expected) === true && !value.includes(',')),
  },
  {
    name: 'modern-uri-field-without-escapes',
    clause: 'MODERN-7',
    about: 'The runtime decodes percent signs in mcp-name before it compares',
    hooks: nameField((value, expected) => value?.replace(/%2d/gi, '-') === expected),
  },
  {
    name: 'modern-uri-field-parsed',
    clause: 'MODERN-7',
    about: 'The runtime ignores an empty query of the URI in mcp-name',
    hooks: nameField((value, expected) => value === `${expected}?`),
  },
  {
    name: 'modern-mismatch-after-the-call',
    clause: 'MODERN-7',
    about: 'The runtime carries out calls with a wrong mcp-name, and then refuses them',
    hooks: refusedTooLate(),
  },
  {
    name: 'modern-name-field-of-streams-not-compared',
    clause: 'MODERN-7',
    about: 'The runtime does not compare mcp-name of streamed calls',
    hooks: modernField(
      'mcp-name',
      (message, value) => (value === 'other' ? nameOf(message) : undefined),
      'InvokeStream',
    ),
  },
  {
    name: 'modern-version-field-of-streams-not-required',
    clause: 'MODERN-6',
    about: 'The runtime does not require mcp-protocol-version of streamed calls',
    hooks: modernField(
      'mcp-protocol-version',
      (message, value) => value ?? versionOf(message),
      'InvokeStream',
    ),
  },
  {
    name: 'modern-params-of-streams-not-compared',
    clause: 'MODERN-33',
    about: 'The runtime does not compare arguments of streamed calls with their header fields',
    hooks: modernField('mcp-param-text', (message) => argumentText(message, ['text']), 'InvokeStream'),
  },
  {
    name: 'modern-uris-not-decoded',
    clause: 'MODERN-8',
    about: 'The runtime does not decode mcp-name of reads',
    hooks: modernField('mcp-name', ({ method }, value) =>
      method === 'resources/read' && marker.test(value ?? '') ? 'encoded' : undefined,
    ),
  },
  {
    name: 'modern-prompt-names-not-decoded',
    clause: 'MODERN-8',
    about: 'The runtime does not decode mcp-name of prompts',
    hooks: modernField('mcp-name', ({ method }, value) =>
      method === 'prompts/get' && marker.test(value ?? '') ? 'encoded' : undefined,
    ),
  },
  {
    name: 'modern-names-decoded-as-latin-1',
    clause: 'MODERN-8',
    about: 'The runtime decodes names as Latin-1',
    hooks: modernField('mcp-name', (_message, value) => {
      const text = marker.exec(value ?? '')?.[1];
      return text === undefined ? undefined : encoded(Buffer.from(text, 'base64').toString('latin1'));
    }),
  },
  {
    name: 'modern-names-trimmed-after-decoding',
    clause: 'MODERN-8',
    about: 'The runtime removes white space of a decoded name',
    hooks: modernField('mcp-name', (_message, value) => {
      const text = marker.exec(value ?? '')?.[1];
      return text === undefined ? undefined : encoded(Buffer.from(text, 'base64').toString().trim());
    }),
  },
  {
    name: 'modern-encoded-names-compared-both-ways',
    clause: 'MODERN-8',
    about: 'The runtime also accepts an encoded name that is equal to the body without decoding',
    hooks: nameField((value, expected) => value === expected && marker.test(expected)),
  },
  {
    name: 'modern-marker-in-any-case',
    clause: 'MODERN-8',
    about: 'The runtime accepts the marker of an encoded name in any letter case',
    hooks: nameField((value, expected) => value?.replace(/^=\?base64\?/i, '=?base64?') === encoded(expected)),
  },
  {
    name: 'modern-names-without-padding',
    clause: 'MODERN-8',
    about: 'The runtime accepts base64 without padding',
    hooks: nameField(
      (value, expected) => value?.replace(/=*\?=$/, '') === encoded(expected).replace(/=*\?=$/, ''),
    ),
  },
  {
    name: 'modern-names-with-other-characters',
    clause: 'MODERN-8',
    about: 'The runtime ignores characters outside the alphabet of base64',
    hooks: nameField((value, expected) => value?.replace(/[ %]/g, '') === encoded(expected)),
  },
  {
    name: 'modern-names-that-are-not-utf-8',
    clause: 'MODERN-8',
    about: 'The runtime replaces invalid UTF-8 in encoded names',
    hooks: nameField(decodedBy((text) => Buffer.from(text, 'base64').toString())),
  },
  {
    name: 'modern-names-with-an-open-end',
    clause: 'MODERN-8',
    about: 'The runtime decodes a name without the end of the marker',
    hooks: nameField((value, expected) => `${value}?=` === encoded(expected)),
  },
  {
    name: 'modern-fields-in-lower-case-only',
    clause: 'MODERN-30',
    about: 'The runtime finds fields of MCP only if their names are in lower case',
    hooks: eachField((name, value) => (/^mcp-/i.test(name) && /[A-Z]/.test(name) ? [] : [[name, value]])),
  },
  {
    name: 'modern-spaces-are-compared',
    clause: 'MODERN-30',
    about: 'The runtime compares the white space around mcp-method',
    hooks: modernField('mcp-method', (_message, value) => (value === value?.trim() ? undefined : 'other')),
  },
  {
    name: 'modern-tabs-are-compared',
    clause: 'MODERN-30',
    about: 'The runtime compares the tabs around fields of arguments',
    hooks: modernField('mcp-param-text', (_message, value) => (value?.includes('\t') ? 'other' : undefined)),
  },
  {
    name: 'modern-first-copy-of-the-method',
    clause: 'MODERN-31',
    about: 'The runtime uses the first of several values of mcp-method',
    hooks: modernField('mcp-method', (_message, value) => value?.split(',')[0]),
  },
  {
    name: 'modern-first-copy-of-the-name',
    clause: 'MODERN-31',
    about: 'The runtime uses the first of several values of mcp-name',
    hooks: modernField('mcp-name', (_message, value) => value?.split(',')[0]),
  },
  {
    name: 'modern-last-copy-of-the-name',
    clause: 'MODERN-31',
    about: 'The runtime uses the last of several values of mcp-name',
    hooks: modernField('mcp-name', (_message, value) => value?.split(',').at(-1)),
  },
  {
    name: 'modern-any-copy-of-a-param',
    clause: 'MODERN-31',
    about: 'The runtime accepts the value of an argument among several values of its field',
    hooks: paramField('text', ['text'], (value, expected) => value?.split(/, */).includes(expected) === true),
  },
  {
    name: 'modern-non-ascii-fields',
    clause: 'MODERN-32',
    about: 'The runtime reads mcp-name as UTF-8 and compares it with the body',
    hooks: eachField((name, value) => [
      [name, name === 'mcp-name' && invisible.test(value) ? encoded(value) : value],
    ]),
  },
  {
    name: 'modern-invisible-characters-in-params',
    clause: 'MODERN-32',
    about: 'The runtime accepts control characters in fields of arguments',
    hooks: eachField((name, value) => [
      [name, name === 'mcp-param-text' && /\p{Cc}/u.test(value) ? encoded(value) : value],
    ]),
  },
  {
    name: 'modern-invisible-characters-in-methods',
    clause: 'MODERN-32',
    about: 'The runtime answers 404 to methods with invisible characters, without a look at mcp-method',
    hooks: {
      ...eachField((name, value) => [
        [name, name === 'mcp-method' && invisible.test(value) ? 'none' : value],
      ]),
      ...onModernRequest(({ method }) => (invisible.test(method) ? { method: 'none' } : {})),
    },
  },
  {
    name: 'modern-params-not-compared',
    clause: 'MODERN-33',
    about: 'The runtime ignores the field of a text argument',
    hooks: paramField('text', ['text'], () => true),
  },
  {
    name: 'modern-params-not-required',
    clause: 'MODERN-33',
    about: 'The runtime compares the field of a text argument only if it is present',
    hooks: paramField('text', ['text'], (value) => value === undefined),
  },
  {
    name: 'modern-params-in-any-case',
    clause: 'MODERN-33',
    about: 'The runtime compares texts in fields of arguments regardless of letter case',
    hooks: paramField('text', ['text'], (value, expected) => value?.toLowerCase() === expected.toLowerCase()),
  },
  {
    name: 'modern-empty-params-not-compared',
    clause: 'MODERN-33',
    about: 'The runtime treats an empty text as an absent argument',
    hooks: paramField('text', ['text'], (_value, expected) => expected === ''),
  },
  {
    name: 'modern-zero-needs-no-field',
    clause: 'MODERN-33',
    about: 'The runtime treats the number 0 as an absent argument',
    hooks: paramField('count', ['count'], (value, expected) => value === undefined && expected === '0'),
  },
  {
    name: 'modern-integers-truncated',
    clause: 'MODERN-33',
    about: 'The runtime compares only the integral part of a number in a field',
    hooks: paramField(
      'count',
      ['count'],
      (value, expected) => Math.trunc(Number(value)) === Number(expected),
    ),
  },
  {
    name: 'modern-booleans-in-any-case',
    clause: 'MODERN-33',
    about: 'The runtime accepts booleans in any letter case',
    hooks: paramField('flag', ['flag'], (value, expected) => value?.toLowerCase() === expected),
  },
  {
    name: 'modern-booleans-as-digits',
    clause: 'MODERN-33',
    about: 'The runtime accepts 1 for true',
    hooks: paramField('flag', ['flag'], (value, expected) => value === '1' && expected === 'true'),
  },
  {
    name: 'modern-false-needs-no-field',
    clause: 'MODERN-33',
    about: 'The runtime treats false as an absent argument',
    hooks: paramField('flag', ['flag'], (value, expected) => value === undefined && expected === 'false'),
  },
  {
    name: 'modern-booleans-refused',
    clause: 'MODERN-33',
    about: 'The runtime refuses calls with fields of boolean arguments',
    hooks: modernField('mcp-param-flag', (_message, value) => (value === undefined ? undefined : 'other')),
  },
  {
    name: 'modern-nested-params-not-compared',
    clause: 'MODERN-33',
    about: 'The runtime ignores fields of nested arguments',
    hooks: paramField('zone', ['place', 'zone'], () => true),
  },
  {
    name: 'modern-params-not-decoded',
    clause: 'MODERN-33',
    about: 'The runtime compares encoded fields of arguments without decoding',
    hooks: modernField('mcp-param-text', (_message, value) =>
      marker.test(value ?? '') ? 'encoded' : undefined,
    ),
  },
  {
    name: 'modern-encoded-params-not-compared',
    clause: 'MODERN-33',
    about: 'The runtime accepts every encoded field of an argument',
    hooks: paramField('text', ['text'], (value) => marker.test(value ?? '')),
  },
  {
    name: 'modern-params-that-are-not-utf-8',
    clause: 'MODERN-33',
    about: 'The runtime replaces invalid UTF-8 in fields of arguments',
    hooks: paramField(
      'text',
      ['text'],
      decodedBy((text) => Buffer.from(text, 'base64').toString()),
    ),
  },
  {
    name: 'modern-null-needs-a-field',
    clause: 'MODERN-34',
    about: 'The runtime requires the field of an argument that is null',
    hooks: modernRefusal(
      (message, { call }) => argumentsOf(message)['text'] === null && !call.headers.has('mcp-param-text'),
      refusedByCode(-32020),
    ),
  },
  {
    name: 'modern-every-param-needs-a-field',
    clause: 'MODERN-34',
    about: 'The runtime requires the fields of absent arguments',
    hooks: modernRefusal(
      (message, { call }) =>
        nameOf(message) === 'conformance_mirror' &&
        Object.keys(argumentsOf(message)).length === 0 &&
        !call.headers.has('mcp-param-text'),
      refusedByCode(-32020),
    ),
  },
  {
    name: 'modern-nested-null-needs-a-field',
    clause: 'MODERN-34',
    about: 'The runtime requires the field of a nested argument whose object is null',
    hooks: modernRefusal((message) => argumentsOf(message)['place'] === null, refusedByCode(-32020)),
  },
  {
    name: 'modern-numbers-compared-as-text',
    clause: 'MODERN-35',
    about: 'The runtime compares numbers in fields as text',
    hooks: modernField('mcp-param-count', (_message, value) => (value?.includes('.') ? 'other' : undefined)),
  },
  {
    name: 'modern-annotated-number',
    clause: 'MODERN-36',
    about: 'The runtime annotates an argument of type number',
    hooks: withProperty('ratio', { type: 'number', 'x-mcp-header': 'Ratio' }),
  },
  {
    name: 'modern-annotated-item',
    clause: 'MODERN-36',
    about: 'The runtime annotates the items of an array',
    hooks: withProperty('list', { type: 'array', items: { type: 'string', 'x-mcp-header': 'Item' } }),
  },
  {
    name: 'modern-empty-annotation',
    clause: 'MODERN-36',
    about: 'The runtime annotates an argument with an empty name',
    hooks: withProperty('other', { type: 'string', 'x-mcp-header': '' }),
  },
  {
    name: 'modern-annotation-with-a-space',
    clause: 'MODERN-36',
    about: 'The runtime annotates an argument with a name that is not a token',
    hooks: withProperty('other', { type: 'string', 'x-mcp-header': 'Other Name' }),
  },
  {
    name: 'modern-annotated-alternative',
    clause: 'MODERN-36',
    about: 'The runtime annotates a property of an alternative',
    hooks: mirrorSchema(() => ({
      anyOf: [{ properties: { other: { type: 'string', 'x-mcp-header': 'Other' } } }],
    })),
  },
  {
    name: 'modern-annotated-secret',
    clause: 'MODERN-37',
    about: 'The runtime annotates a password',
    hooks: withProperty('password', { type: 'string', 'x-mcp-header': 'Password' }),
  },
]);
