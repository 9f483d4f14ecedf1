import { unlessAborted } from '../../../base/deadline.ts';
import { shellCommand } from '../../../runners/exit-cleanup.ts';
import { createRunner, describeTarget, kindOf } from '../../../runners/kinds.ts';
import { reasonOf, release } from '../../check/report-of.ts';
import { explore, NotExplorableError } from '../../explore/explore.ts';
import { explorationLines } from '../../explore/terminal.ts';
import { loadOwnFixtures } from '../../load/compiled.ts';
import { wordsOf } from '../../plan/target.ts';
import { LiveLine } from '../../report/live-line.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import { oneLine } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import type { ExploreRequest } from './explore-options.ts';

/**
 * Explores one target and prints the result.
 * @returns the exit code
 * @throws UsageError if the runner rejects an option
 */
export async function exploreCommand(request: ExploreRequest, context: CommandContext): Promise<number> {
  const { target, colour: option, ...options } = request;
  const { output, environment, signal, tool, warn } = context;
  const palette = makePalette(wantsColour({ option, environment, isTTY: output.isTTY }));
  kindOf(target).preload?.();
  using live = new LiveLine(output);
  const head = `${tool.name} ${tool.version} · explore · ${oneLine(describeTarget(target))}`;
  live.print([palette.strong(head), '', `  seed ${options.seed}`, '']);
  let operations = 0;
  live.show(() => `  ${operations} of ${options.operations} operations`);
  try {
    const runner = await unlessAborted(createRunner(target), signal);
    try {
      const { identities } = await loadOwnFixtures();
      const onProgress = (count: number): void => {
        operations = count;
      };
      const found = await explore({ runner, identities, ...options, signal, onProgress });
      live.print(explorationLines(found, { palette, again: againWith(request) }));
      return found.counterexample === undefined ? 0 : 1;
    } finally {
      await release(runner, warn);
    }
  } catch (error) {
    if (error instanceof NotExplorableError) {
      warn(`error: the target cannot be explored: ${oneLine(error.message)}`);
      return 3;
    }
    const { message, advice, logs } = reasonOf(error);
    warn(`error: ${oneLine(message)}\n  ${advice}${logs.map(({ text }) => `\n  ${oneLine(text)}`).join('')}`);
    return 3;
  }
}

/** The command that performs the same operations again. */
function againWith({ target, operations, seed }: ExploreRequest): string {
  const { words, args } = wordsOf(target);
  const options = ['--operations', `${operations}`, '--seed', `${seed}`];
  const rest = args.length > 0 ? ['--', ...args] : [];
  return shellCommand(['npx', 'mcp-runtime-conformance', 'explore', ...words, ...options, ...rest]);
}
