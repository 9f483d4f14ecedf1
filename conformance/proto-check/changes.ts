import type { DescField, DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { messagesOf, type ProtoElement } from './elements.ts';

/**
 * Returns the field that has the name of a missing field in the new module, with another number. buf reports such a
 * field as deleted.
 */
export function movedField(
  element: ProtoElement,
  old: FileRegistry,
  fresh: FileRegistry,
): { readonly from: DescField; readonly to: DescField } | undefined {
  if (element.kind !== 'field') return undefined;
  const [from, to] = [old, fresh].map((registry) =>
    messagesOf(registry)
      .find(({ name }) => name === element.message)
      ?.fields.find(({ name }) => name === element.name),
  );
  return from === undefined || to === undefined || from.number === to.number ? undefined : { from, to };
}

/**
 * Lists the elements that only the new module has: `RPC ListSessions`, `message Session`,
 * `field McpRequest.tenant = 9`.
 */
export function additionsOf(old: FileRegistry, fresh: FileRegistry): readonly string[] {
  const [before, after] = [contentsOf(old), contentsOf(fresh)];
  const methods = [...after.methods].filter((name) => !before.methods.has(name));
  const messages = [...after.messages].flatMap(([name, message]) => {
    const earlier = before.messages.get(name);
    if (earlier === undefined) return [`message ${name}`];
    // A field with the number of an earlier one is that field with another name.
    const known = new Set(earlier.fields.flatMap((field) => [field.name, field.number]));
    return message.fields
      .filter((field) => !known.has(field.name) && !known.has(field.number))
      .map((field) => `field ${name}.${field.name} = ${field.number}`);
  });
  return [...methods.map((name) => `RPC ${name}`), ...messages];
}

function contentsOf(registry: FileRegistry): {
  readonly methods: ReadonlySet<string>;
  readonly messages: ReadonlyMap<string, DescMessage>;
} {
  const services = [...registry.files].flatMap(({ services }) => services);
  return {
    methods: new Set(services.flatMap(({ methods }) => methods.map(({ name }) => name))),
    messages: new Map(messagesOf(registry).map((message) => [message.name, message])),
  };
}
