// Checks a runtime with the tools of its language, or reports that they are missing.
import { spawnSync } from 'node:child_process';

/**
 * Runs the checks of one runtime, and sets the exit code of the process.
 * @param {object} options
 * @param {string} options.language the name of the language
 * @param {string} options.folder the source folder, in which commands run
 * @param {string[]} options.tool a command that succeeds if the tools are installed
 * @param {string} options.install the product to install if the tools are missing
 * @param {string} options.requiredBy an environment variable. If it is 1, missing tools are a failure
 * @param {(run: (command: string, ...args: string[]) => void) => unknown} options.checks throws if a check fails. `run`
 *   runs a command, shows its output, and throws if the command fails
 */
export async function checkRuntime({ language, folder, tool, install, requiredBy, checks }) {
  const [name, ...probe] = tool;
  if (spawnSync(name, probe).status !== 0) {
    if (process.env[requiredBy] === '1') {
      console.error(`${name} was not found; install ${install}.`);
      process.exitCode = 1;
    } else {
      console.log(
        `Skipped the ${language} runtime: ${name} was not found; install ${install}. With ${requiredBy}=1, this is a failure.`,
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
    console.log(`All checks of the ${language} runtime passed.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
