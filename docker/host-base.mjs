import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const passwd = 'root:x:0:0:root:/root:/sbin/nologin\nnode:x:1000:1000:node:/tmp:/sbin/nologin\n';
const group = 'root:x:0:\nnode:x:1000:\n';

/** The label with the fingerprint of the files in an image. The image is rebuilt only when they change. */
const originLabel = 'mcp-runtime-conformance.host-base';

/**
 * Creates a base image from this machine's node and its shared libraries, for use without a registry. It has no shell.
 * @param {string} image the name of the image
 * @param {string} folder an empty working folder
 */
export async function makeHostBase(image, folder) {
  if (process.platform !== 'linux') {
    throw new Error('--base host copies node from this machine, which must run Linux. Use --base public.');
  }
  const node = realpathSync(process.execPath);
  const libraries = sharedLibraries(node);
  const origin = fingerprint([node, ...libraries]);
  if (originOf(image) === origin) {
    return;
  }
  place(folder, node, '/usr/local/bin/node');
  chmodSync(join(folder, '/usr/local/bin/node'), 0o755);
  for (const library of libraries) {
    place(folder, library, library);
  }
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), passwd);
  writeFileSync(join(folder, 'etc/group'), group);
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  chmodSync(join(folder, 'tmp'), 0o1777);
  await importFolder(folder, image, [
    'ENV PATH=/usr/local/bin:/usr/bin:/bin',
    `LABEL ${originLabel}=${origin}`,
  ]);
}

function fingerprint(files) {
  const facts = files.map((file) => [file, statSync(file).size, statSync(file).mtimeMs]);
  return createHash('sha256')
    .update(JSON.stringify([facts, passwd, group]))
    .digest('hex');
}

/** Returns the fingerprint of an existing image, or "" for a missing image. */
function originOf(image) {
  const format = `{{index .Config.Labels "${originLabel}"}}`;
  return spawnSync('docker', ['image', 'inspect', '--format', format, image], {
    encoding: 'utf8',
  }).stdout?.trim();
}

/** Returns the paths of a program's shared libraries and of its loader. */
function sharedLibraries(program) {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => /(?:=>\s*)?(\/\S+) \(0x/.exec(line)?.[1])
    .filter((library) => library !== undefined);
}

function place(folder, source, target) {
  mkdirSync(dirname(join(folder, target)), { recursive: true });
  copyFileSync(realpathSync(source), join(folder, target));
}

/** Creates an image with one layer from a folder. All files belong to root. */
async function importFolder(folder, image, changes) {
  const tar = spawn('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', folder, '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const changeOptions = changes.flatMap((change) => ['--change', change]);
  const docker = spawn('docker', ['import', ...changeOptions, '-', image], {
    stdio: [tar.stdout, 'ignore', 'inherit'],
  });
  // Closes the pipe if docker ends early. Otherwise tar would wait forever.
  docker.once('exit', () => tar.stdout.destroy());
  const [[tarCode], [dockerCode]] = await Promise.all([once(tar, 'exit'), once(docker, 'exit')]);
  if (tarCode !== 0 || dockerCode !== 0) {
    throw new Error(
      `The base image ${image} could not be created: exit code ${tarCode} of tar, ${dockerCode} of docker.`,
    );
  }
}
