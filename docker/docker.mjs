import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Runs Docker's command line.
 * @param {...string} args
 * @throws {Error} with what Docker said, where it failed
 */
export function docker(...args) {
  // Without the plug-in, the builder of the daemon itself has to be asked for.
  const hasBuildx = spawnSync('docker', ['buildx', 'version'], { stdio: 'ignore' }).status === 0;
  const environment = hasBuildx ? process.env : { ...process.env, DOCKER_BUILDKIT: '0' };
  const { status, error, stdout, stderr } = spawnSync('docker', args, { env: environment, encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(`docker cannot be run: ${error.message}. Install Docker's command line.`);
  }
  if (status !== 0) {
    throw new Error(`docker ${args[0]} failed:\n${stderr}${stdout}`.trim());
  }
}

/**
 * Says how large an image is and how long it took.
 * @param {string} image
 * @param {number} started as of performance.now()
 */
export function describe(image, started) {
  const bytes = execFileSync('docker', ['image', 'inspect', '--format', '{{.Size}}', image], {
    encoding: 'utf8',
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return `${image}: ${(Number(bytes) / 1e6).toFixed(0)} MB, built in ${seconds} s`;
}
