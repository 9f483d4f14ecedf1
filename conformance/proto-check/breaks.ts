import type { DescField, DescMessage, FileRegistry } from '@bufbuild/protobuf';
import type { Buf } from './buf.ts';
import type { ProtoModule } from './module.ts';
import { ProtoCheckError } from './proto-check-error.ts';

/** What a finding is about. Names are those before the change. */
export type ProtoElement =
  | { readonly kind: 'field'; readonly message: string; readonly name: string }
  | { readonly kind: 'method'; readonly name: string }
  | { readonly kind: 'message'; readonly name: string }
  | { readonly kind: 'package' }
  | { readonly kind: 'other' };

/** Something that buf found, at its place. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The rule, such as `FIELD_SAME_JSON_NAME`. */
  readonly rule: string;
  readonly message: string;
}

/**
 * A change that is not compatible. `wire`: programs built before and after it misunderstand each other's bytes, or do
 * not find each other's methods. `json`: the bytes mean the same, but proto3 JSON does not.
 */
export interface Break extends Finding {
  readonly layer: 'wire' | 'json';
  readonly element: ProtoElement;
  /** All rules that it violates. */
  readonly rules: readonly string[];
}

/** The kit's rules for its own module: the wire contract predates it, and renaming would break every deployment. */
const lintRules = {
  use: ['STANDARD'],
  except: [
    'RPC_REQUEST_RESPONSE_UNIQUE',
    'RPC_REQUEST_STANDARD_NAME',
    'RPC_RESPONSE_STANDARD_NAME',
    'SERVICE_SUFFIX',
  ],
};

/**
 * gRPC finds a method by its package, service and name, so these are on the wire as much as a field's number is; and a
 * field that is gone is a value that no longer arrives, even where its number is reserved.
 */
const wireRules = [
  'WIRE',
  'FIELD_NO_DELETE',
  'RPC_NO_DELETE',
  'PACKAGE_NO_DELETE',
  'PACKAGE_SERVICE_NO_DELETE',
  'PACKAGE_MESSAGE_NO_DELETE',
];

/** What buf's linter says about a module. @throws ProtoCheckError */
export async function lint(module: ProtoModule, buf: Buf, signal: AbortSignal): Promise<readonly Finding[]> {
  const config = JSON.stringify({ version: 'v2', lint: lintRules });
  return findings(['lint', '.', '--config', config], { module, buf, signal });
}

/** What is not compatible in the new module with the old one, a break for each element. @throws ProtoCheckError */
export async function findBreaks(
  old: ProtoModule,
  module: ProtoModule,
  { buf, signal }: { readonly buf: Buf; readonly signal: AbortSignal },
): Promise<readonly Break[]> {
  const breaking = (use: readonly string[]): Promise<readonly Finding[]> => {
    const config = JSON.stringify({ version: 'v2', breaking: { use } });
    return findings(['breaking', '.', '--against', old.image, '--config', config], { module, buf, signal });
  };
  const [wire, json] = await Promise.all([breaking(wireRules), breaking(['WIRE_JSON'])]);
  const layers = [
    // A finding without a place of its own is told at that of another one about the same.
    [
      'wire',
      [...wire].sort((one, other) => Number(one.file === module.label) - Number(other.file === module.label)),
    ],
    ['json', json],
  ] as const;
  const breaks = new Map<string, Break>();
  for (const [layer, found] of layers) {
    for (const finding of found) {
      const element = elementOf(finding, old.registry, module.registry);
      const key = JSON.stringify(element.kind === 'other' ? finding : element);
      const earlier = breaks.get(key);
      if (earlier === undefined) breaks.set(key, { ...finding, layer, element, rules: [finding.rule] });
      else breaks.set(key, { ...earlier, rules: [...new Set([...earlier.rules, finding.rule])] });
    }
  }
  return [...breaks.values()].sort((one, other) => one.line - other.line);
}

interface Asking {
  readonly module: ProtoModule;
  readonly buf: Buf;
  readonly signal: AbortSignal;
}

async function findings(
  args: readonly string[],
  { module, buf, signal }: Asking,
): Promise<readonly Finding[]> {
  const { code, stdout, stderr } = await buf.run([...args, '--error-format', 'json'], {
    cwd: module.folder,
    signal,
  });
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  // 100: there are findings.
  if (code !== 0 && code !== 100) {
    throw new ProtoCheckError(`buf ${args[0]} failed: ${stderr.trim().split('\n')[0]}`);
  }
  return lines.map((line) => {
    const { path, start_line, start_column, type, message } = JSON.parse(line);
    return {
      file: path === undefined ? module.label : module.place(String(path)),
      line: Number(start_line ?? 1),
      column: Number(start_column ?? 1),
      rule: String(type),
      message: String(message).replace(/ See https?:\S+.*$/, ''),
    };
  });
}

function elementOf({ rule, message, line }: Finding, old: FileRegistry, fresh: FileRegistry): ProtoElement {
  const field = /[Ff]ield "(?<number>\d+)".* on message "(?<parent>[\w.]+)"/.exec(message)?.groups;
  if (field !== undefined) {
    const { number = '', parent = '' } = field;
    const mapField = fieldOfEntry(parent, line, fresh);
    if (mapField !== undefined) return fieldElement(oldNameOf(mapField, old));
    const known = messagesOf(old).find(({ typeName }) => endsWithName(typeName, parent));
    const found = known?.fields.find((candidate) => candidate.number === Number(number));
    return found === undefined ? { kind: 'message', name: parent } : fieldElement(found);
  }
  const method = /RPC "(?<name>\w+)"/.exec(message)?.groups?.['name'];
  if (method !== undefined) return { kind: 'method', name: method };
  if (rule === 'FILE_SAME_PACKAGE' || rule.startsWith('PACKAGE_')) return { kind: 'package' };
  const name = /[Mm]essage "(?<name>[\w.]+)"/.exec(message)?.groups?.['name'];
  return name === undefined ? { kind: 'other' } : { kind: 'message', name };
}

function fieldElement(field: DescField): ProtoElement {
  return { kind: 'field', message: field.parent.name, name: field.name };
}

/** The map field of which buf names the entry, `HeadersEntry`; the line tells which of several it is. */
function fieldOfEntry(entry: string, line: number, registry: FileRegistry): DescField | undefined {
  if (!entry.endsWith('Entry')) return undefined;
  const candidates = messagesOf(registry)
    .flatMap(({ fields }) => fields)
    .filter((field) => field.fieldKind === 'map' && `${camelCase(field.name)}Entry` === entry);
  return candidates.find((field) => lineOf(field) === line) ?? candidates[0];
}

function oldNameOf(field: DescField, old: FileRegistry): DescField {
  const parent = messagesOf(old).find(({ name }) => name === field.parent.name);
  return parent?.fields.find(({ number }) => number === field.number) ?? field;
}

function camelCase(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function lineOf(field: DescField): number | undefined {
  const { proto } = field.parent.file;
  const messageIndex = proto.messageType.findIndex(({ name }) => name === field.parent.name);
  const fieldIndex = field.parent.fields.indexOf(field);
  const path = [4, messageIndex, 2, fieldIndex].join();
  const start = proto.sourceCodeInfo?.location.find((location) => location.path.join() === path)?.span[0];
  return start === undefined ? undefined : start + 1;
}

function endsWithName(typeName: string, name: string): boolean {
  return typeName === name || typeName.endsWith(`.${name}`);
}

/** Every message of a module, the nested ones too, without the entries of maps. */
export function messagesOf(registry: FileRegistry): readonly DescMessage[] {
  return [...registry].filter(
    (type): type is DescMessage =>
      type.kind === 'message' && !type.file.proto.package.startsWith('google.protobuf'),
  );
}
