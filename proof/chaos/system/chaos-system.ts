import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOnDisk } from '../invariants/leftovers.ts';
import { type MemorySample, memoryLimits } from '../invariants/memory.ts';
import { removeClockMemory } from './clock.ts';
import { mountsBelow } from './disk.ts';
import { makeIssuer, type TokenIssuer } from './issuer.ts';
import { Pair } from './pair.ts';
import { markedProcesses, residentBytes } from './process-table.ts';
import { type Program, type RuntimeKind, runtimeProgram } from './runtime-program.ts';
import type { ProcessWatch } from './supervised-process.ts';

/** The parts of a system. */
export interface SystemOptions {
  /** The runtimes, each behind a gateway of its own. */
  readonly runtimes: readonly RuntimeKind[];
  /** The program of the gateways. */
  readonly gateway: Program;
  readonly watch: ProcessWatch;
}

/** Pairs of gateways and runtimes whose tokens have the same issuer. */
export class ChaosSystem implements AsyncDisposable {
  readonly tokens: TokenIssuer;
  readonly pairs: readonly Pair[];
  readonly #folder: string;
  readonly #mark: string;
  readonly #onExit = () => this.#removeAtExit();

  private constructor(folder: string, mark: string, pairs: readonly Pair[], tokens: TokenIssuer) {
    this.#folder = folder;
    this.#mark = mark;
    this.pairs = pairs;
    this.tokens = tokens;
    process.once('exit', this.#onExit);
  }

  /** Starts a system in a new folder. @throws NoProgramError */
  static async start({ runtimes, gateway, watch }: SystemOptions): Promise<ChaosSystem> {
    const folder = await mkdtemp(join(tmpdir(), 'mcp-chaos-'));
    const mark = randomUUID();
    const pairs: Pair[] = [];
    try {
      const keyFile = join(folder, 'keys.json');
      const tokens = await makeIssuer(keyFile);
      for (const [index, kind] of runtimes.entries()) {
        const runtime = await runtimeProgram(kind, folder);
        pairs.push(await Pair.start({ index, folder, keyFile, mark, kind, runtime, gateway, watch }));
      }
      return new ChaosSystem(folder, mark, pairs, tokens);
    } catch (error) {
      for (const pair of pairs) await pair[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Returns the memory of all running processes. */
  memory(): readonly MemorySample[] {
    return this.pairs.flatMap((pair) =>
      (['gateway', 'runtime'] as const).flatMap((role) => {
        const { name, pid } = pair.process(role);
        const bytes = pid === undefined ? undefined : residentBytes(pid);
        const limits = memoryLimits(role === 'gateway' ? 'typescript' : pair.kind);
        return bytes === undefined ? [] : [{ name, limits, bytes }];
      }),
    );
  }

  /** The ids of all processes so far. */
  get #pids(): ReadonlySet<number> {
    return new Set(this.pairs.flatMap(({ gateway, runtime }) => [...gateway.pids, ...runtime.pids]));
  }

  /** Stops everything. @returns the processes, files and mounts that are left over */
  async stop(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const pair of this.pairs) {
      await pair.stop();
      left.push(...(await leftOnDisk(pair.disk.path)));
    }
    left.push(...markedProcesses(this.#mark).map(({ pid, command }) => `process ${pid} (${command})`));
    await this[Symbol.asyncDispose]();
    left.push(...(await mountsBelow(this.#folder)));
    return left;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#onExit);
    for (const pair of this.pairs) await pair[Symbol.asyncDispose]();
    for (const { pid } of markedProcesses(this.#mark)) process.kill(pid, 'SIGKILL');
    removeClockMemory(this.#pids);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Removes everything at once if the program exits before the end of the run. */
  #removeAtExit(): void {
    for (const { pid } of markedProcesses(this.#mark)) process.kill(pid, 'SIGKILL');
    for (const { disk } of this.pairs) disk.detach();
    removeClockMemory(this.#pids);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
