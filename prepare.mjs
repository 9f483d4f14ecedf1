// Builds the kit when npm installs it from a git URL, because a git checkout has no dist/. npm also runs this script after
// `npm ci` in a clone. There it builds nothing: each npm script that needs dist/ builds it.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';

/** The folder in which the user called npm: this folder in a clone, the folder of the dependent for a dependency. */
const calledFrom = process.env.INIT_CWD;
const isDependency = calledFrom !== undefined && realpathSync(calledFrom) !== realpathSync(process.cwd());

if (isDependency && !existsSync('dist/cli/main.js')) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: 'inherit',
    // npm is a command script on Windows, which only a shell starts.
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}
