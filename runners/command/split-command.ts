import { badOption } from '../runner.ts';

const useShell = (flag: string) =>
  `To use shell features, start a shell: ${flag} "sh -c 'exec ./my-runtime …'".`;

/**
 * Splits a command line into words like a POSIX shell. Blanks separate words. Single quotes, double quotes and
 * backslashes quote. Expansions are not supported.
 * @param flag the option that contains the command line, for messages
 * @throws RunnerError `bad-option` for an unclosed quote, an empty command or shell syntax
 */
export function splitCommand(line: string, flag = '--command'): readonly [string, ...string[]] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (/\s/.test(character)) {
      if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
    } else if (character === "'" || character === '"') {
      const quoted = readQuoted(line, at, flag);
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      at += 1;
      if (at >= line.length) {
        throw badOption('The command ends in a backslash.', 'Write \\\\ for a backslash.');
      }
      word = (word ?? '') + line.charAt(at);
    } else {
      rejectShellSyntax(line, at, flag);
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) words.push(word);
  const [file, ...rest] = words;
  if (file === undefined || file === '') {
    throw badOption('The command is empty.', `Name a program: ${flag} "./my-runtime --flag".`);
  }
  if (/^[A-Za-z_]\w*=/.test(file)) {
    throw badOption(
      `The command begins with the assignment ${file}, which only a shell understands.`,
      `Use --env for variables. ${useShell(flag)}`,
    );
  }
  return [file, ...rest];
}

function readQuoted(
  line: string,
  start: number,
  flag: string,
): { readonly text: string; readonly end: number } {
  const quote = line.charAt(start);
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === quote) return { text, end: at };
    if (quote === '"') {
      const next = line.charAt(at + 1);
      if (character === '\\' && next !== '' && '"\\$`\n'.includes(next)) {
        text += next;
        at += 1;
        continue;
      }
      if (character === '$' || character === '`') rejectShellSyntax(line, at, flag);
    }
    text += character;
  }
  throw badOption(
    `The quote ${quote} at character ${start + 1} of the command is never closed.`,
    'Close the quote, or escape it with a backslash.',
  );
}

function rejectShellSyntax(line: string, at: number, flag: string): void {
  const character = line.charAt(at);
  if ('|&;<>()$`'.includes(character)) {
    throw badOption(
      `The command has ${character} at character ${at + 1} (${line.slice(at, at + 20)}): the kit does not start a shell.`,
      `Put it in single quotes to pass it unchanged. ${useShell(flag)}`,
    );
  }
}
