import { clone, create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type FieldDescriptorProto,
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { HealthRequestSchema, McpRequestSchema, McpResponseSchema, McpRuntime } from '../../proto/index.ts';
import { type TranslatedCall, Translation } from './translation.ts';

const service = '/contextforge.mcp.runtime.v1.McpRuntime';

/** Makes the translation for callers of a module with this change. */
function translationOf(change: (file: FileDescriptorProto) => void): Translation {
  const file = clone(FileDescriptorProtoSchema, McpRuntime.file.proto);
  change(file);
  return new Translation(
    McpRuntime,
    createFileRegistry(file, () => undefined),
  );
}

function fieldOf(file: FileDescriptorProto, message: string, name: string): FieldDescriptorProto {
  const field = file.messageType
    .find((candidate) => candidate.name === message)
    ?.field.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${message}.${name} does not exist`);
  return field;
}

const renumberedMethod = (file: FileDescriptorProto): void => {
  fieldOf(file, 'McpRequest', 'method').number = 21;
};

function served(call: TranslatedCall): Extract<TranslatedCall, { kind: 'served' }> {
  if (call.kind !== 'served') throw new Error(`the call is ${call.kind}`);
  return call;
}

const request = toBinary(
  McpRequestSchema,
  create(McpRequestSchema, { method: 'POST', path: '/mcp', headers: { a: '1', b: 'x' }, serverId: 's' }),
);

test('passes all bytes unchanged if the modules are equal', () => {
  const same = translationOf(() => {});
  expect(same.differences).toEqual([]);
  const call = served(same.call(`${service}/Invoke`));
  expect(call.path).toBe(`${service}/Invoke`);
  const odd = new Uint8Array([0x52, 0x00, 0x0a, 0x00]);
  expect(call.request(odd)).toBe(odd);
});

test('writes and reads a renumbered field only at its new number', () => {
  const translation = translationOf(renumberedMethod);
  expect(translation.differences).toEqual(['McpRequest.method is scalar bytes 21']);
  const sent = fromBinary(McpRequestSchema, served(translation.call(`${service}/Invoke`)).request(request));
  expect(sent).toMatchObject({ method: '', path: '/mcp', serverId: 's' });
  expect(sent.$unknown?.map(({ no }) => no)).toEqual([21]);
});

test('reads responses like the changed module', () => {
  const translation = translationOf((file) => {
    fieldOf(file, 'McpResponse', 'status').number = 11;
  });
  const answer = toBinary(McpResponseSchema, create(McpResponseSchema, { status: 204 }));
  const read = served(translation.call(`${service}/CloseSession`)).response(answer);
  expect(fromBinary(McpResponseSchema, read).status).toBe(0);
});

test('omits values that the other type cannot represent', () => {
  const translation = translationOf((file) => {
    const entry = file.messageType.find(({ name }) => name === 'McpRequest')?.nestedType[0];
    const value = entry?.field.find(({ name }) => name === 'value');
    if (value === undefined) throw new Error('the map is missing');
    value.type = FieldDescriptorProto_Type.INT32;
  });
  const sent = Buffer.from(served(translation.call(`${service}/Invoke`)).request(request)).toString('hex');
  expect(sent).toContain('2a050a01611001');
  expect(sent).not.toContain('0a0162');
});

test('passes bytes that are not a message unchanged', () => {
  const broken = new Uint8Array([0x0a, 0xff]);
  const call = served(translationOf(renumberedMethod).call(`${service}/Invoke`));
  expect(call.request(broken)).toEqual(broken);
});

describe('paths', () => {
  test('follow the package', () => {
    const translation = translationOf((file) => {
      const renamed = file.package.replace('v1', 'v2');
      for (const message of file.messageType) {
        for (const field of message.field) field.typeName = field.typeName.replace('.v1.', '.v2.');
      }
      for (const method of file.service[0]?.method ?? []) {
        method.inputType = method.inputType.replace('.v1.', '.v2.');
        method.outputType = method.outputType.replace('.v1.', '.v2.');
      }
      file.package = renamed;
    });
    expect(translation.differences).toEqual(['service contextforge.mcp.runtime.v2.McpRuntime']);
    const call = served(translation.call(`${service}/HealthCheck`));
    expect(call.path).toBe('/contextforge.mcp.runtime.v2.McpRuntime/HealthCheck');
    expect(served(translation.call('/other.Service/X')).path).toBe('/other.Service/X');
    const health = toBinary(HealthRequestSchema, create(HealthRequestSchema));
    expect(call.request(health)).toEqual(health);
  });

  test('are missing for a removed method, and unchanged for an unknown method', () => {
    const translation = translationOf((file) => {
      file.service[0]?.method.splice(2, 1);
    });
    expect(translation.differences).toEqual(['rpc CloseSession no longer exists']);
    expect(translation.call(`${service}/CloseSession`)).toEqual({ kind: 'gone' });
    expect(served(translation.call(`${service}/NoSuchMethod`)).path).toBe(`${service}/NoSuchMethod`);
  });
});

test.each<[string, (file: FileDescriptorProto) => void]>([
  [
    'a renamed field',
    (file) => {
      fieldOf(file, 'McpRequest', 'server_id').name = 'scope_id';
    },
  ],
  [
    'an added field',
    (file) => {
      const extra = clone(FileDescriptorProtoSchema, file).messageType[1]?.field[0];
      if (extra === undefined) throw new Error('the field is missing');
      file.messageType[1]?.field.push({ ...extra, name: 'extra', jsonName: 'extra', number: 10 });
    },
  ],
  [
    'a type with the same wire encoding',
    (file) => {
      fieldOf(file, 'McpResponse', 'status').type = FieldDescriptorProto_Type.INT64;
    },
  ],
])('is not needed for a change: %s', (_, change) => {
  expect(translationOf(change).differences).toEqual([]);
});
