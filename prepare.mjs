// Builds the kit when npm installs it from a git URL: a git checkout has no dist/. npm runs this script in a clone of the
// repository too, after `npm ci`, where the scripts that need dist/ build it themselves, and so nothing is built here.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';

/** npm sets INIT_CWD to the folder in which the user called it: this folder in a clone, the dependent's for a dependency. */
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
