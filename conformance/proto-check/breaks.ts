import type { DescField, FileRegistry } from '@bufbuild/protobuf';
import { type BufOptions, ProtoCheckError } from './buf.ts';
import { movedField } from './changes.ts';
import { messagesOf, type ProtoElement } from './elements.ts';
import type { ProtoModule } from './module.ts';

/** A problem that buf reports. */
export interface Finding {
  readonly file: string;
  /** Line, starting at 1. */
  readonly line: number;
  readonly column: number;
  /** Name of the rule, such as `FIELD_SAME_JSON_NAME`. */
  readonly rule: string;
  readonly message: string;
}

/**
 * A breaking change. `wire`: programs built before and after it misread each other's messages or cannot find each
 * other's methods. `json`: the binary encoding keeps its meaning, but the proto3 JSON changes.
 */
export interface Break extends Finding {
  readonly layer: 'wire' | 'json';
  readonly element: ProtoElement;
  /** All rules that the change violates. */
  readonly rules: readonly string[];
}

/** The kit's exceptions for its own module. The contract predates these rules, and renames would break deployments. */
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
 * gRPC locates a method by package, service and name, so those names are part of the wire format like field numbers. A
 * deleted field also breaks the wire format, even if its number is reserved, because its value no longer arrives.
 */
const wireRules = [
  'WIRE',
  'FIELD_NO_DELETE',
  'RPC_NO_DELETE',
  'PACKAGE_NO_DELETE',
  'PACKAGE_SERVICE_NO_DELETE',
  'PACKAGE_MESSAGE_NO_DELETE',
];

/** Lints a module with buf. @throws ProtoCheckError */
export async function lint(module: ProtoModule, options: BufOptions): Promise<readonly Finding[]> {
  return findings(['lint', '.'], { lint: lintRules }, { module, ...options });
}

/** Returns the breaking changes from the old module to the new one, one per element. @throws ProtoCheckError */
export async function findBreaks(
  old: ProtoModule,
  module: ProtoModule,
  options: BufOptions,
): Promise<readonly Break[]> {
  const breaking = (use: readonly string[]): Promise<readonly Finding[]> =>
    findings(['breaking', '.', '--against', old.image], { breaking: { use } }, { module, ...options });
  const [wire, json] = await Promise.all([breaking(wireRules), breaking(['WIRE_JSON'])]);
  // A finding without a position takes the position of another finding on the same element.
  const placedFirst = wire.toSorted(
    (one, other) => Number(one.file === module.label) - Number(other.file === module.label),
  );
  const breaks = new Map<string, Break>();
  for (const [layer, found] of [['wire', placedFirst] as const, ['json', json] as const]) {
    for (const finding of found) {
      const element = elementOf(finding, old.registry, module.registry);
      const key = JSON.stringify(element.kind === 'other' ? finding : element);
      const said = inOwnWords(finding, element, old, module);
      const { rules, ...earlier } = breaks.get(key) ?? { ...said, layer, element, rules: [] };
      breaks.set(key, { ...earlier, rules: [...new Set([...rules, finding.rule])] });
    }
  }
  return [...breaks.values()].sort((one, other) => one.line - other.line);
}

/** Describes a moved field, which buf reports as deleted at the line of its message. */
function inOwnWords(finding: Finding, element: ProtoElement, old: ProtoModule, module: ProtoModule): Finding {
  const moved = movedField(element, old.registry, module.registry);
  if (moved === undefined || !finding.rule.startsWith('FIELD_NO_DELETE')) return finding;
  const { from, to } = moved;
  const message = `The field ${from.name} moved from ${from.number} to ${to.number}.`;
  return { ...finding, line: lineOf(to) ?? finding.line, message };
}

async function findings(
  args: readonly string[],
  rules: object,
  { module, buf, signal }: BufOptions & { readonly module: ProtoModule },
): Promise<readonly Finding[]> {
  const config = JSON.stringify({ version: 'v2', ...rules });
  const { code, stdout, stderr } = await buf.run([...args, '--config', config, '--error-format', 'json'], {
    cwd: module.folder,
    signal,
  });
  // Exit code 100 means that there are findings.
  if (code !== 0 && code !== 100) {
    throw new ProtoCheckError(`buf ${args[0]} failed: ${stderr.trim().split('\n')[0]}`);
  }
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
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
    const owner = mapField?.parent.name ?? parent;
    const before = messagesOf(old).find(({ typeName }) => `.${typeName}`.endsWith(`.${owner}`));
    const wanted = mapField?.number ?? Number(number);
    const found = before?.fields.find((candidate) => candidate.number === wanted) ?? mapField;
    if (found === undefined) return { kind: 'message', name: parent };
    return { kind: 'field', message: found.parent.name, name: found.name };
  }
  const method = /RPC "(\w+)"/.exec(message)?.[1];
  if (method !== undefined) return { kind: 'method', name: method };
  if (rule === 'FILE_SAME_PACKAGE' || rule.startsWith('PACKAGE_')) return { kind: 'package' };
  const name = /[Mm]essage "([\w.]+)"/.exec(message)?.[1];
  return name === undefined ? { kind: 'other' } : { kind: 'message', name };
}

/** Returns the map field whose entry buf names, such as `HeadersEntry`. The line distinguishes fields of equal name. */
function fieldOfEntry(entry: string, line: number, registry: FileRegistry): DescField | undefined {
  const candidates = messagesOf(registry)
    .flatMap(({ fields }) => fields)
    .filter((field) => field.fieldKind === 'map' && `${camelCase(field.name)}Entry` === entry);
  return candidates.find((field) => lineOf(field) === line) ?? candidates[0];
}

function camelCase(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function lineOf(field: DescField): number | undefined {
  const { proto } = field.parent.file;
  const messageIndex = proto.messageType.findIndex(({ name }) => name === field.parent.name);
  const path = [4, messageIndex, 2, field.parent.fields.indexOf(field)].join();
  const start = proto.sourceCodeInfo?.location.find((location) => location.path.join() === path)?.span[0];
  return start === undefined ? undefined : start + 1;
}
