import type { RunReportJson } from '../../../data/report.ts';
import { Sign } from '../../components/badge.tsx';
import { Facts } from '../../components/facts.tsx';
import { dateTime, duration } from '../../model/words.ts';
import { Log } from './log.tsx';

/** The page of a run whose target could not be tested. */
export function NoTarget({ report }: { readonly report: RunReportJson }) {
  const { error, target, tool, startedAt, durationMs } = report;
  if (error === undefined) return null;
  return (
    <>
      <section class="panel verdict" data-tone="unstable">
        <h1 tabIndex={-1}>
          <Sign tone="unstable" /> The target could not be tested
        </h1>
        <p class="reason" data-tone="failed">
          {error.message}
        </p>
        <p>{error.advice}</p>
      </section>
      <section class="panel">
        <h2>Output of the target</h2>
        {error.logs.length === 0 ? <p class="soft">The kit read no output.</p> : <Log lines={error.logs} />}
      </section>
      <section class="panel">
        <h2>About this run</h2>
        <Facts
          facts={[
            ['Target', target.label],
            ['Kit', `${tool.name} ${tool.version}`],
            ['Started', dateTime(startedAt)],
            ['Duration', duration(durationMs)],
          ]}
        />
      </section>
    </>
  );
}
