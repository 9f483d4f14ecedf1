import { withTimeLimit } from '../../base/deadline.ts';
import type { RunningContainer } from './container.ts';

/** The values of `--root-fs`. */
export const rootModes = ['auto', 'read-only', 'writable'] as const;

/** `auto`: read-only, unless the image cannot start with it. */
export type RootMode = (typeof rootModes)[number];

/** Time limit for the first container to listen on its socket or to end. */
const decisionMs = 3_000;

/** Texts in the log of a program that failed to write to a read-only file system. */
const refusals = ['ead-only file system', 'EROFS'];

/** One start of a container. */
export interface RootStart {
  /** Whether this start may show that the image needs a writable root: it has no unusual variables or socket folder. */
  readonly decides: boolean;
  /** Starts the container. */
  readonly start: (readOnly: boolean) => Promise<RunningContainer>;
  /** Resolves when the container listens on its socket. */
  readonly listening: (signal: AbortSignal) => Promise<unknown>;
}

/**
 * Decides whether the containers of an image have a read-only root file system. An image that writes elsewhere than to
 * temporary folders may fail to start. In mode `auto`, its containers then get a writable root file system.
 */
export class RootFileSystem {
  #readOnly: boolean | undefined;
  #deciding: Promise<RunningContainer> | undefined;

  constructor(mode: RootMode) {
    if (mode !== 'auto') this.#readOnly = mode === 'read-only';
  }

  /** Starts a container, and decides with the first one. @throws any error of the start */
  async start(options: RootStart): Promise<RunningContainer> {
    if (this.#readOnly === undefined && options.decides && this.#deciding === undefined) {
      this.#deciding = this.#decide(options).finally(() => {
        this.#deciding = undefined;
      });
      return this.#deciding;
    }
    await this.#deciding?.catch(() => undefined);
    const readOnly = this.#readOnly ?? true;
    const container = await options.start(readOnly);
    if (readOnly) noteRefusal(container);
    return container;
  }

  async #decide({ start, listening }: RootStart): Promise<RunningContainer> {
    const first = await start(true).catch((error: unknown) => error);
    if (isContainer(first) && (await survives(first, listening))) {
      this.#readOnly = true;
      noteRefusal(first);
      return first;
    }
    if (isContainer(first)) await first[Symbol.asyncDispose]();
    const second = await start(false);
    this.#readOnly = false;
    second.logs.note('the image did not start with a read-only root file system, so it is writable');
    return second;
  }
}

function isContainer(value: unknown): value is RunningContainer {
  return typeof value === 'object' && value !== null && 'logs' in value;
}

/** Returns whether a container starts: it listens in time, or is still running and logged no refused write. */
async function survives(container: RunningContainer, listening: RootStart['listening']): Promise<boolean> {
  const over = new AbortController();
  const first = Promise.race([
    container.exit.then(() => 'ended'),
    listening(over.signal).then(() => 'listening'),
  ]);
  const outcome = await withTimeLimit(first, decisionMs).finally(() => over.abort());
  if (outcome !== undefined) return outcome === 'listening';
  const lines = container.logs.last(Number.MAX_SAFE_INTEGER);
  return !lines.some(({ text }) => refusals.some((refusal) => text.includes(refusal)));
}

/** Notes the remedy in the log of a container as soon as a write is refused. */
function noteRefusal({ logs }: RunningContainer): void {
  void Promise.race(refusals.map((refusal) => logs.includes(refusal))).then(() => {
    logs.note('the root file system is read-only; use --root-fs writable if the image must write there');
  });
}
