import { startGateway } from '../official/gateway-process.ts';
import { defaultCache, installedVersion } from '../official/npm-program.ts';
import { servesModern } from '../official/serves-modern.ts';
import { checkTargets, type OfficialRequest, type Target } from '../official/targets.ts';
import { inspectorClient } from './inspector-client.ts';
import { pythonClient } from './python-client.ts';
import { type Era, type RealClient, revisions } from './real-client.ts';
import { typescriptClient } from './typescript-client.ts';

/** A server of the SDK that the reference runtime hosts. It serves only sessions. */
const legacyTarget = 'command:node dist/proof/hosting/hosted-catalog.js';
/** Targets whose era is known. For others, the answer to `server/discover` decides. */
const knownEras: Readonly<Record<string, Era>> = { embedded: 'modern', [legacyTarget]: 'legacy' };

/**
 * Runs published clients of both eras against our gateway in front of each runtime: all features of the newest revision
 * if the runtime serves it, otherwise the fallback to sessions.
 */
export function proveClients(request: OfficialRequest): Promise<number> {
  const begin = async () => {
    const cache = request.cache ?? defaultCache;
    const clients = [
      typescriptClient(await installedVersion('@modelcontextprotocol/client')),
      await pythonClient(cache),
      await inspectorClient(cache),
    ];
    process.stdout.write(`${clients.map(({ name }) => name).join(', ')}\n`);
    return async ({ name, words }: Target) => {
      await using gateway = await startGateway(words);
      const era = knownEras[name] ?? ((await servesModern(gateway.url)) ? 'modern' : 'legacy');
      const reports: ClientReport[] = [];
      for (const client of clients) reports.push(await reportOf(client, gateway.url, era));
      const passed = reports.reduce((sum, report) => sum + report.passed, 0);
      const total = reports.reduce((sum, report) => sum + report.total, 0);
      return {
        ok: passed === total,
        summary: `${revisions[era]}: ${passed} of ${total} steps of ${clients.length} clients passed`,
        output: reports.flatMap(({ lines }) => lines.map((line) => `        ${line}\n`)).join(''),
      };
    };
  };
  return checkTargets(request, begin, [legacyTarget]);
}

interface ClientReport {
  readonly passed: number;
  readonly total: number;
  /** One line for each failed step. */
  readonly lines: readonly string[];
}

async function reportOf(client: RealClient, url: string, era: Era): Promise<ClientReport> {
  const outcomes = await client.check(url, era);
  const failed = outcomes.flatMap(({ step, problem }) =>
    problem === undefined ? [] : [`${client.name}, ${step}: ${problem}`],
  );
  return { passed: outcomes.length - failed.length, total: outcomes.length, lines: failed };
}
