import { resolve } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { type Clauses, loadClauses } from './clauses.ts';
import { loadOwnFixtures } from './compiled.ts';
import type { FixtureSet } from './load.ts';

/** Cases, with the clauses they check. */
export interface LoadedSuite extends FixtureSet {
  readonly clauses: Clauses;
}

/**
 * Loads the cases of the kit or of a folder. Cases of a folder may use the kit's identities.
 * @throws FixtureError, ContractError
 */
export async function loadSuite(folder: string | undefined): Promise<LoadedSuite> {
  const root = packageRoot();
  const clauses = await loadClauses(root);
  const own = await loadOwnFixtures();
  if (folder === undefined) return { ...own, clauses };
  const { loadFixtures } = await import('./load.ts');
  const { identities } = own;
  const mainClauses = new Map(own.cases.map(({ id, clauses: [main = ''] }) => [id, main]));
  return {
    ...(await loadFixtures({ directory: resolve(folder), identities, clauses, mainClauses })),
    clauses,
  };
}
