import { type DescMethod, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import type { MethodDefinition } from '@grpc/grpc-js';

/** The grpc-js definition of a method of a generated service. */
type DefinitionOf<Method> = Method extends { input: infer Input; output: infer Output }
  ? Input extends DescMethod['input']
    ? Output extends DescMethod['output']
      ? MethodDefinition<MessageShape<Input>, MessageShape<Output>>
      : never
    : never
  : never;

/**
 * The grpc-js definition of a generated service. Its keys are the local names of the methods (`invoke`, `invokeStream`,
 * ...). Its paths are those of the `.proto` file.
 */
export type ServiceDefinitionOf<Shape extends GenServiceMethods> = {
  readonly [Name in keyof Shape]: DefinitionOf<Shape[Name]>;
};

/** A service definition for a server that decodes requests itself. Every request arrives as bytes. */
export type RawRequestDefinitionOf<Shape extends GenServiceMethods> = {
  readonly [Name in keyof Shape]: DefinitionOf<Shape[Name]> extends MethodDefinition<
    infer _Input,
    infer Output
  >
    ? MethodDefinition<Uint8Array, Output>
    : never;
};

function definitionOf(method: DescMethod): MethodDefinition<object, object> {
  const kind = method.methodKind;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    originalName: method.localName,
    requestStream: kind === 'client_streaming' || kind === 'bidi_streaming',
    responseStream: kind === 'server_streaming' || kind === 'bidi_streaming',
    requestSerialize: (message) =>
      Buffer.from(toBinary(method.input, message as MessageShape<DescMethod['input']>)),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (message) =>
      Buffer.from(toBinary(method.output, message as MessageShape<DescMethod['output']>)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

/**
 * Adapts a protobuf-es service to grpc-js, for use with `makeClientConstructor`, `client.makeUnaryRequest` and
 * `server.addService`.
 */
export function serviceDefinition<Shape extends GenServiceMethods>(
  service: GenService<Shape>,
): ServiceDefinitionOf<Shape> {
  const entries = service.methods.map((method) => [method.localName, definitionOf(method)]);
  return Object.fromEntries(entries) as ServiceDefinitionOf<Shape>;
}

/**
 * Adapts a protobuf-es service for a server whose handlers receive requests as bytes. grpc-js fails a call with an
 * invalid request with INTERNAL. A handler that decodes the request itself can answer INVALID_ARGUMENT (ERROR-4).
 */
export function rawRequestServiceDefinition<Shape extends GenServiceMethods>(
  service: GenService<Shape>,
): RawRequestDefinitionOf<Shape> {
  const entries = service.methods.map((method) => [
    method.localName,
    {
      ...definitionOf(method),
      requestSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
      requestDeserialize: (bytes: Buffer) => new Uint8Array(bytes),
    },
  ]);
  return Object.fromEntries(entries) as RawRequestDefinitionOf<Shape>;
}
