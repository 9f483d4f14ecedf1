import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { addMatrixOptions, type MatrixInvocation, type MatrixOptions } from '../matrix/matrix-options.ts';
import { takeOutput } from '../option-groups.ts';
import { text } from '../option-values.ts';

/** The parsed command line of `proto check`. */
export interface ProtoInvocation extends MatrixInvocation {
  /** The old module: a git ref, a file or a folder. */
  readonly against: string;
  /** The folder of the changed module. */
  readonly proto?: string;
  /** Whether to skip the suite. */
  readonly modulesOnly: boolean;
}

interface Options extends MatrixOptions {
  readonly against?: string;
  readonly proto?: string;
  readonly modulesOnly?: boolean;
}

/** Declares the command `proto check --against REF|FILE`. */
export function declareProto(
  proto: CliCommand,
  handle: (invocation: ProtoInvocation) => Promise<void>,
): void {
  proto.argument('[words...]').action(([word]: readonly string[]) => {
    throw new UsageError(
      `use proto check --against REF|FILE${word === undefined ? '' : `, not proto ${word}`}`,
    );
  });
  const command = proto
    .command('check')
    .summary('check a change to the proto module for compatibility')
    .description(
      'Checks whether a change to the proto module is compatible, and which clauses and implementations it affects.',
    )
    .optionsGroup('Modules:')
    .addOption(text('--against <ref or file>', 'old module: git ref, .proto file, buf image or folder'))
    .addOption(
      text('--proto <folder>', 'folder of the changed module (default: ./proto or the built-in one)'),
    )
    .option('--modules-only', 'check only lint, breaking changes and vectors');
  addMatrixOptions(command);
  command
    .addHelpText(
      'after',
      '\nWithout targets, the suite runs on the reference runtime. Requires buf, from the\npackage @bufbuild/buf or on the PATH.\n' +
        '\nExit code: 0 compatible, 1 not compatible, 2 invalid usage or files,\n3 a target could not be tested.',
    )
    .action(({ against, proto: folder, modulesOnly = false, ...options }: Options) => {
      if (against === undefined) {
        throw new UsageError('proto check needs --against: a git ref, file or folder with the old module');
      }
      const [output, request] = takeOutput(options);
      return handle({ request, output, against, proto: folder, modulesOnly });
    });
}
