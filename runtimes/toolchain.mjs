// How a runtime is held against the tools of its own language: all of it, or a word on why not.
import { spawnSync } from 'node:child_process';

/**
 * Carries out the checks of one runtime, and sets the exit code of the process.
 * @param {object} options
 * @param {string} options.language
 * @param {string} options.folder where its sources are, and where commands run
 * @param {string[]} options.tool a command that says whether the language is there
 * @param {string} options.install what to install where it is not
 * @param {string} options.requiredBy the variable that makes a missing tool a failure where it is 1
 * @param {(run: (command: string, ...args: string[]) => void) => unknown} options.checks throws where one fails; `run`
 *   runs a command with its output shown, and throws where that fails
 */
export async function checkRuntime({ language, folder, tool, install, requiredBy, checks }) {
  const [name, ...probe] = tool;
  if (spawnSync(name, probe).status !== 0) {
    if (process.env[requiredBy] === '1') {
      console.error(`There is no ${name}: install ${install}.`);
      process.exitCode = 1;
    } else {
      console.log(
        `The ${language} runtime was left out: there is no ${name} (${requiredBy}=1 makes that a failure).`,
      );
    }
    return;
  }
  const run = (command, ...args) => {
    const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
    if (error !== undefined || status !== 0) {
      throw new Error(
        `${command} ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}`,
      );
    }
  };
  try {
    await checks(run);
    console.log(`The ${language} runtime is in order.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
