import type { BenchReportJson } from '../../../data/bench.ts';
import { Sign } from '../../components/badge.tsx';
import { bytes, percent } from '../../components/chart/units.ts';
import { Facts } from '../../components/facts.tsx';
import type { Tone } from '../../model/standing.ts';
import { count, dateTime, duration } from '../../model/words.ts';
import { routeTo } from '../../router.ts';
import type { Workload } from './bench-model.ts';
import { Comparisons } from './comparisons.tsx';
import { ResultTable } from './result-table.tsx';

interface OverviewProps {
  readonly report: BenchReportJson;
  readonly workloads: readonly Workload[];
}

/** The first page of a benchmark: the verdict, the figures of each workload, and the differences between variants. */
export function BenchOverview({ report, workloads }: OverviewProps) {
  const { verdict, warnings, machine, settings, variants, tool } = report;
  const tone: Tone = verdict.exitCode === 0 ? 'passed' : verdict.exitCode === 1 ? 'failed' : 'unstable';
  const { load } = settings;
  return (
    <>
      <section class="panel verdict" data-tone={tone}>
        <h1 tabIndex={-1}>
          <Sign tone={tone} /> {verdict.sentence}
        </h1>
        <p class="soft">
          {dateTime(report.startedAt)}, {duration(report.durationMs)}, {tool.name} {tool.version}
        </p>
        {warnings.length > 0 && (
          <ul class="notes">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        )}
      </section>
      {workloads.map((workload) => (
        <section key={workload.name} class="panel">
          <div class="panel-head">
            <h2>{workload.name}</h2>
            <a href={routeTo(['workload', workload.name])}>
              Latency, throughput and memory of {workload.name}
            </a>
          </div>
          <ResultTable workload={workload} />
        </section>
      ))}
      <Comparisons report={report} />
      <div class="columns">
        <section class="panel">
          <h2>Setup</h2>
          <Facts
            facts={[
              ...variants.map(
                ({ name, target, transport, version }) =>
                  [name, `${target}, ${transport}${version === '' ? '' : `, version ${version}`}`] as const,
              ),
              [
                'Load',
                load.kind === 'closed'
                  ? `closed loop, ${count(load.users, 'user')}`
                  : `open loop, ${load.ratePerS} operations/s, at most ${count(load.users, 'user')}`,
              ],
              ['Measured time', `${duration(settings.durationMs)} in ${count(settings.rounds, 'round')}`],
              ['Warm-up', duration(settings.warmUpMs)],
              [
                'Load generator',
                `${count(settings.workers, 'worker')}, ${count(settings.connections, 'connection')}`,
              ],
              ['Time limit', duration(settings.deadlineMs)],
              ['Through the gateway', settings.gateway ? 'yes' : 'no'],
              ['Permitted regression', percent(settings.maxRegression)],
            ]}
          />
        </section>
        <section class="panel">
          <h2>The machine</h2>
          <Facts
            facts={[
              ['Processor', machine.cpu],
              ['Cores', String(machine.cores)],
              ['Memory', bytes(machine.memoryBytes)],
              ['System', `${machine.system}, ${machine.arch}`],
              ['Node', machine.node],
            ]}
          />
        </section>
      </div>
    </>
  );
}
