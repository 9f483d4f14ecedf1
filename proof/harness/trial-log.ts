import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trial } from './subject.ts';

/** A file that keeps finished trials, so that an interrupted run can continue. One line of JSON for each trial. */
export class TrialLog {
  readonly #path: string;
  readonly #trials: Map<string, Trial>;

  private constructor(path: string, trials: readonly Trial[]) {
    this.#path = path;
    this.#trials = new Map(trials.map((trial) => [keyOf(trial.fault.name, trial.wholeSuite), trial]));
  }

  /**
   * Opens a log. Its first line names the build. A log of another build is emptied, because its trials prove nothing
   * about this one.
   * @param build identifies the build
   */
  static async open(path: string, build: string): Promise<TrialLog> {
    const [head = '', ...lines] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
    if (head === build) return new TrialLog(path, lines.flatMap(trialIn));
    await writeFile(path, `${build}\n`);
    return new TrialLog(path, []);
  }

  /** Returns the kept trial of a fault, with or without the whole suite. */
  find(name: string, wholeSuite: boolean): Trial | undefined {
    return this.#trials.get(keyOf(name, wholeSuite));
  }

  async add(trial: Trial): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(trial)}\n`);
  }
}

/** Returns a text that identifies the compiled code and fixtures in a folder. */
export async function identifyBuild(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.js(on)?$/.test(file)).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(folder, file)));
  return hash.digest('hex');
}

function keyOf(name: string, wholeSuite: boolean): string {
  return `${name} ${wholeSuite}`;
}

/** An interrupted run may have left part of a line. */
function trialIn(line: string): readonly Trial[] {
  try {
    return [JSON.parse(line) as Trial];
  } catch {
    return [];
  }
}
