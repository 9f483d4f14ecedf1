import type { DockerApi } from './docker.ts';

/**
 * Removes every container, volume and network that has a label. It needs no dependencies. The second round catches a
 * container that was being created when the kit was killed. The script becomes one line for `node -e`, so it has no
 * comments.
 */
const script = `
const [transport, options, label] = process.argv.slice(1);
const { request } = require('node:' + transport);
const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
const call = (method, path) => new Promise((resolve) => {
  const sent = request({ ...JSON.parse(options), method, path, timeout: 20000 }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => resolve(Buffer.concat(chunks).toString()));
  });
  sent.on('error', () => resolve(''));
  sent.on('timeout', () => sent.destroy());
  sent.end();
});
const list = (text) => { try { return JSON.parse(text) ?? []; } catch { return []; } };
(async () => {
  for (let round = 0; round < 2; round++) {
    const containers = list(await call('GET', '/containers/json?all=1&filters=' + filters));
    await Promise.all(containers.map(({ Id }) => call('DELETE', '/containers/' + Id + '?force=1&v=1')));
    const volumes = list(await call('GET', '/volumes?filters=' + filters)).Volumes ?? [];
    await Promise.all(volumes.map(({ Name }) => call('DELETE', '/volumes/' + Name + '?force=1')));
    const networks = list(await call('GET', '/networks?filters=' + filters));
    await Promise.all(networks.map(({ Id }) => call('DELETE', '/networks/' + Id)));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
})();
`;

/**
 * Returns the command that removes the Docker resources of a killed run.
 * @param label the label of the run's resources, as `name=value`
 */
export function crashRemovalCommand(api: DockerApi, label: string): readonly string[] {
  const modem = api.modem as unknown as Record<string, unknown>;
  const transport = modem['protocol'] === 'https' ? 'https' : 'http';
  const options = Object.fromEntries(
    ['socketPath', 'host', 'port', 'ca', 'cert', 'key'].map((name) => {
      const value = modem[name];
      return [name, Buffer.isBuffer(value) ? value.toString() : value];
    }),
  );
  return [process.execPath, '-e', script.replace(/\n/g, ' '), transport, JSON.stringify(options), label];
}
