import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { oneLine } from '../text/text.ts';
import { SiteError } from './site-error.ts';

/** The file by which the kit recognizes a folder that it made. */
export const markerFile = '.mcp-runtime-conformance-site';

const markerText = 'Made by mcp-runtime-conformance report site. The next run replaces this folder.\n';

/**
 * A folder that is written beside its place and takes it as a whole in `publish`, so that readers never see a part of
 * it. Disposing of an unpublished folder removes it.
 */
export class SiteFolder implements AsyncDisposable {
  readonly #place: string;
  readonly #draft: string;
  readonly #folders = new Set<string>();

  private constructor(place: string) {
    this.#place = place;
    this.#draft = join(dirname(place), `.${randomUUID()}.site`);
  }

  /**
   * Begins a folder.
   * @param path an empty or missing folder, or an earlier site
   * @throws SiteError if the folder contains anything else, or cannot be written
   */
  static async begin(path: string): Promise<SiteFolder> {
    const folder = new SiteFolder(resolve(path));
    await requireReplaceable(path);
    try {
      await mkdir(dirname(folder.#place), { recursive: true });
      await mkdir(folder.#draft);
    } catch (error) {
      throw unwritable(path, error);
    }
    await folder.write(markerFile, markerText);
    return folder;
  }

  /**
   * Writes a file.
   * @param path relative to the folder, with `/`
   * @throws SiteError if it cannot be written
   */
  async write(path: string, text: string): Promise<void> {
    const file = join(this.#draft, ...path.split('/'));
    const folder = dirname(file);
    try {
      if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true });
      this.#folders.add(folder);
      await writeFile(file, text, { flag: 'wx' });
    } catch (error) {
      throw unwritable(join(this.#place, path), error);
    }
  }

  /** Puts the folder in its place. @throws SiteError */
  async publish(): Promise<void> {
    await requireReplaceable(this.#place);
    const old = join(dirname(this.#place), `.${randomUUID()}.site`);
    try {
      const isThere = (await stat(this.#place).catch(() => undefined)) !== undefined;
      if (isThere) await rename(this.#place, old);
      await rename(this.#draft, this.#place);
    } catch (error) {
      throw unwritable(this.#place, error);
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#draft, { recursive: true, force: true });
  }
}

async function requireReplaceable(path: string): Promise<void> {
  const name = oneLine(path);
  let entries: readonly string[];
  try {
    entries = await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw codeOf(error) === 'ENOTDIR'
      ? new SiteError(`${name} is a file; choose a folder`)
      : unwritable(path, error);
  }
  if (entries.length === 0) return;
  const marker = await readFile(join(path, markerFile), 'utf8').catch(() => undefined);
  if (marker !== markerText) {
    throw new SiteError(
      `${name} has files that report site did not make; choose an empty folder, or remove ${oneLine(basename(path))} first`,
    );
  }
}

function unwritable(path: string, error: unknown): SiteError {
  return new SiteError(`cannot write ${oneLine(path)}: ${codeOf(error)}`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
