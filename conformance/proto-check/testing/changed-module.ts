import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../base/package.ts';

/** Folder of the kit's own module. */
export const ownModule: string = join(packageRoot(), 'proto');

const file = join('contextforge', 'mcp', 'runtime', 'v1', 'mcp_runtime.proto');

/** A copy of the kit's module with one text replaced. Disposing of it removes the copy. */
export interface ChangedModule extends AsyncDisposable {
  readonly folder: string;
}

/** @throws Error if the module does not contain the text, because an ineffective change would prove nothing */
export async function changedModule(from: string | RegExp, to: string): Promise<ChangedModule> {
  const folder = await mkdtemp(join(tmpdir(), 'changed-'));
  await cp(join(ownModule, 'contextforge'), join(folder, 'contextforge'), { recursive: true });
  const before = await readFile(join(folder, file), 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`the module does not contain ${String(from)}`);
  await writeFile(join(folder, file), after);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
