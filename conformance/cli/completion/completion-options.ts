import { suggest } from '../../../base/nearest.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { listed } from '../../text/text.ts';
import { CliCommand } from '../cli-command.ts';

/** The shells with a completion script. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The argument with which the scripts ask for candidates. */
export const candidatesWord = 'candidates';

/** The parsed command line of `completion`. */
export type CompletionInvocation =
  | { readonly kind: 'script'; readonly shell: Shell }
  /** Called by the scripts. `words` are those after the program name, up to the cursor. The last one is incomplete. */
  | { readonly kind: 'candidates'; readonly program: CliCommand; readonly words: readonly string[] };

/** Declares the command `completion SHELL`. */
export function declareCompletion(
  command: CliCommand,
  handle: (invocation: CompletionInvocation) => Promise<void>,
): void {
  command
    .description(
      'Prints a completion script for a shell. It completes commands, options, and values such as case ids and images.',
    )
    .usage('bash|zsh|fish')
    .argument('[shell]')
    .addHelpText(
      'after',
      [
        '',
        'bash:  source <(npx mcp-runtime-conformance completion bash)',
        'zsh:   source <(npx mcp-runtime-conformance completion zsh)',
        'fish:  npx mcp-runtime-conformance completion fish | source',
        '',
        'The scripts also complete npx mcp-runtime-conformance.',
      ].join('\n'),
    )
    .takesTargetArguments()
    .action((word: string | undefined) => {
      const { parent, targetArguments: words } = command;
      if (word === candidatesWord && parent instanceof CliCommand) {
        return handle({ kind: 'candidates', program: parent, words });
      }
      const shell = shells.find((each) => each === word);
      if (shell !== undefined) return handle({ kind: 'script', shell });
      const hint = word === undefined ? '' : `, not ${word}; ${suggest(word, shells)}`.replace(/; $/, '');
      throw new UsageError(`completion needs the name of a shell, ${listed(shells)}${hint}`);
    });
}
