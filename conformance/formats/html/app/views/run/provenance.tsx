import { bytes } from '../../components/chart/units.ts';
import { Command } from '../../components/code.tsx';
import { Facts } from '../../components/facts.tsx';
import type { RunModel } from '../../model/run-model.ts';
import { count, dateTime, duration } from '../../model/words.ts';

/** The facts about the run, precise enough to repeat it. */
export function Provenance({ model }: { readonly model: RunModel }) {
  const { report, provenance } = model;
  const { target, tool, settings, startedAt, durationMs } = report;
  const { image, contract, eras, health, serverInfo, readyMs, revision } = target;
  const machine = provenance?.machine;
  return (
    <section class="panel">
      <h2>About this run</h2>
      <Facts
        facts={[
          ['Target', target.label],
          ['Image', provenance?.digest ?? image?.digest ?? image?.id],
          ['Image size', image && bytes(image.sizeBytes)],
          ['Server', serverInfo && `${serverInfo.name} ${serverInfo.version}`],
          ['Health', health && `${health.status}, mode ${health.mode}, version ${health.version}`],
          ['Capabilities', health && (health.capabilities.join(', ') || 'none declared')],
          ['Ready after', readyMs === undefined ? undefined : duration(readyMs)],
          ['Contract', contract && `release ${contract.release}${leftOut(contract.leftOut)}`],
          ['Eras', eras && `${eras.checked.join(' and ')}${leftOut(eras.leftOut)}`],
          ['MCP revision', revision],
          ['Transport', settings.transport],
          ['Level', `${settings.level}${settings.narrowed ? ', narrowed to selected cases' : ''}`],
          ['Rounds', settings.repeat === undefined ? undefined : String(settings.repeat)],
          ['Seed', settings.seed === undefined ? undefined : String(settings.seed)],
          ['Kit', `${tool.name} ${tool.version}`],
          ['Started', dateTime(startedAt)],
          ['Duration', duration(durationMs)],
          [
            'Machine',
            machine && `${machine.os} ${machine.arch}, ${count(machine.cpus, 'CPU')}, Node ${machine.node}`,
          ],
        ]}
      />
      {provenance && <Command text={provenance.command} label="Command of this run" />}
    </section>
  );
}

function leftOut(cases: number): string {
  return cases === 0 ? '' : `, ${count(cases, 'case')} left out`;
}
