import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../base/package.ts';

/** The module of the kit, in a folder of its own. */
export const ownModule: string = join(packageRoot(), 'proto');

const file = join('contextforge', 'mcp', 'runtime', 'v1', 'mcp_runtime.proto');

/** A copy of the kit's module in which one text is replaced. Disposing of it removes it. */
export interface ChangedModule extends AsyncDisposable {
  readonly folder: string;
}

/** @throws Error where the module lacks the text: a change without effect would prove nothing */
export async function changedModule(from: string | RegExp, to: string): Promise<ChangedModule> {
  const folder = await mkdtemp(join(tmpdir(), 'changed-'));
  await cp(join(ownModule, 'contextforge'), join(folder, 'contextforge'), { recursive: true });
  const before = await readFile(join(folder, file), 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`there is no ${String(from)} in the module`);
  await writeFile(join(folder, file), after);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
