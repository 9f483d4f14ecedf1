import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { addMatrixOptions, type MatrixInvocation, type MatrixOptions } from '../matrix/matrix-options.ts';
import { takeOutput } from '../option-groups.ts';
import { text } from '../option-values.ts';

/** What `proto check` is asked for. */
export interface ProtoInvocation extends MatrixInvocation {
  /** What the module was: a git ref, or a file or folder. */
  readonly against: string;
  /** The folder of the changed module. */
  readonly proto?: string;
  /** Leave the suite out. */
  readonly modulesOnly: boolean;
}

interface Options extends MatrixOptions {
  readonly against?: string;
  readonly proto?: string;
  readonly modulesOnly?: boolean;
}

/** Makes a command `proto check --against REF|FILE`. */
export function declareProto(
  proto: CliCommand,
  handle: (invocation: ProtoInvocation) => Promise<void>,
): void {
  proto.argument('[words...]').action(([word]: readonly string[]) => {
    throw new UsageError(
      `write proto check --against REF|FILE${word === undefined ? '' : `, not proto ${word}`}`,
    );
  });
  const command = proto
    .command('check')
    .summary('whether a change of the proto module is compatible')
    .description(
      'Says whether a change of the proto module is compatible, and which clauses and implementations it touches.',
    )
    .optionsGroup('Modules:')
    .addOption(text('--against <ref or file>', 'what it was: a git ref, a .proto, an image or a folder'))
    .addOption(text('--proto <folder>', "the changed module (default: ./proto, else the kit's own)"))
    .option('--modules-only', 'leave the suite out: lint, breaking and vectors alone');
  addMatrixOptions(command);
  command
    .addHelpText(
      'after',
      '\nWithout targets the suite runs on the reference runtime. Needs buf: the package @bufbuild/buf, or buf on the PATH.\n' +
        '\nExit code: 0 compatible, 1 not compatible, 2 wrong usage or files, 3 a target could not be tested.',
    )
    .action(({ against, proto: folder, modulesOnly = false, ...options }: Options) => {
      if (against === undefined) {
        throw new UsageError(
          'proto check needs --against: a git ref, or a file or folder with what the module was',
        );
      }
      const [output, request] = takeOutput(options);
      return handle({ request, output, against, proto: folder, modulesOnly });
    });
}
