// Builds the kit when npm installs it from a git URL, because a git checkout has no dist/. npm also runs this script
// after `npm ci` in a clone. In a clone it does nothing, because each npm script that needs dist/ builds it.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';

/** The folder in which the user ran npm: this folder in a clone, or the folder of the dependent package. */
const calledFrom = process.env.INIT_CWD;
const isDependency = calledFrom !== undefined && realpathSync(calledFrom) !== realpathSync(process.cwd());

if (isDependency && !existsSync('dist/cli/main.js')) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: 'inherit',
    // On Windows, npm is a batch file, which needs a shell.
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}
