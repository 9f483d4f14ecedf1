import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileRegistry } from '@bufbuild/protobuf';
import { McpRuntime } from '../../proto/index.ts';
import type { Clauses } from '../load/clauses.ts';
import { type Break, type Finding, findBreaks, lint } from './breaks.ts';
import type { BufOptions } from './buf.ts';
import { additionsOf } from './changes.ts';
import { clausesNaming, fileOfService, nameOfElement } from './elements.ts';
import { readAgainst, readFolder } from './module.ts';
import { withSingleChange } from './single-change.ts';
import { Translation } from './translation.ts';
import { checkVectors, loadVectors, type VectorResult } from './vectors.ts';

export interface ModuleCheckOptions extends BufOptions {
  /** Folder of the changed module. */
  readonly proto: string;
  /** Old module: a file, a folder or a git ref. */
  readonly against: string;
  readonly clauses: Clauses;
}

/** A breaking change with its effects. */
export interface ExplainedBreak extends Break {
  /** Display name such as `McpRequest.method`. May be empty. */
  readonly name: string;
  /** Ids of the clauses that name the element. */
  readonly clauses: readonly string[];
  /** Vectors that the two modules read differently because of the change. */
  readonly vectors: readonly VectorResult[];
  /** Translates calls for a module with only this change. Undefined if the calls are unchanged. */
  readonly translation: Translation | undefined;
}

/** The result of comparing the modules, without running the suite. */
export interface ModuleCheck {
  readonly module: string;
  readonly against: string;
  readonly lint: readonly Finding[];
  readonly breaks: readonly ExplainedBreak[];
  /** The RPCs, messages and fields that only the changed module has. Additions are compatible. */
  readonly added: readonly string[];
  readonly vectors: readonly VectorResult[];
  /** Translates calls for the changed module. Undefined if the calls are unchanged. */
  readonly translation: Translation | undefined;
}

/**
 * Compares a changed proto module with its old version: lint, breaking changes, and each wire vector decoded and
 * encoded with both.
 * @throws ProtoCheckError if a module cannot be read
 */
export async function checkModule(options: ModuleCheckOptions): Promise<ModuleCheck> {
  const { buf, signal } = options;
  const workspace = await mkdtemp(join(tmpdir(), 'proto-check-'));
  try {
    const reading = { buf, workspace, signal };
    const module = await readFolder(options.proto, 'new', reading);
    const old = await readAgainst(options.against, options.proto, reading);
    const vectors = await loadVectors();
    const [breaks, found] = await Promise.all([findBreaks(old, module, reading), lint(module, reading)]);
    const oldFile = fileOfService(old.registry, McpRuntime.name);
    return {
      module: module.label,
      against: old.label,
      lint: found,
      added: additionsOf(old.registry, module.registry),
      vectors: checkVectors(vectors, old.registry, module.registry),
      breaks: breaks.map((each): ExplainedBreak => {
        const alone = oldFile && withSingleChange(oldFile, module.registry, each.element);
        const changed = alone === undefined ? [] : checkVectors(vectors, old.registry, alone);
        return {
          ...each,
          name: nameOfElement(each.element),
          clauses: clausesNaming(each.element, options.clauses, McpRuntime.file.proto.package),
          vectors: changed.filter(({ outcome }) => outcome !== 'same'),
          translation: translationTo(withSingleChange(McpRuntime.file, module.registry, each.element)),
        };
      }),
      translation: translationTo(module.registry),
    };
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

function translationTo(registry: FileRegistry | undefined): Translation | undefined {
  const translation = registry && new Translation(McpRuntime, registry);
  return translation?.differences.length === 0 ? undefined : translation;
}
