import { useCallback } from 'preact/hooks';
import { Sign } from '../../components/badge.tsx';
import { Command } from '../../components/code.tsx';
import { Facts } from '../../components/facts.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Legend } from '../../components/legend.tsx';
import { Strip } from '../../components/strip.tsx';
import type { Tone } from '../../model/standing.ts';
import { count, dateTime, duration } from '../../model/words.ts';
import { replaceRoute } from '../../router.ts';
import { choicesOf, filterIn, selectFaults } from './fault-filter.ts';
import { FaultTable } from './fault-table.tsx';
import { type FaultsModel, resultMeaning, results, resultTone } from './faults-model.ts';
import { toFault, toFaults } from './places.ts';
import { Precision } from './precision.tsx';

/** The first page of a report on faults: survivors first, then all faults by chapter. */
export function FaultsOverview({
  model,
  query,
}: {
  readonly model: FaultsModel;
  readonly query: URLSearchParams;
}) {
  const { report, faults, families } = model;
  const filter = filterIn(query);
  const selected = selectFaults(faults, filter);
  const kept = new Set(selected);
  const change = useCallback(
    (values: Readonly<Record<string, string | undefined>>) => replaceRoute(toFaults(values)),
    [],
  );
  const problems = faults.filter(({ problem }) => problem !== undefined);
  const noun = report.expects === 'caught' ? 'fault' : 'variation';
  return (
    <>
      <Verdict model={model} noun={noun} />
      {problems.length > 0 && (
        <section class="panel" aria-labelledby="problems">
          <div class="panel-head">
            <h2 id="problems">
              {report.expects === 'caught' ? 'Uncaught faults' : 'The suite is too strict'}
            </h2>
            <small>{count(problems.length, noun)}</small>
          </div>
          <FaultTable label="Problems" faults={problems} expects={report.expects} />
        </section>
      )}
      <section class="panel" aria-labelledby="chapters">
        <div class="panel-head">
          <h2 id="chapters">By chapter of the contract</h2>
          <small role="status">
            {selected.length === faults.length
              ? count(faults.length, noun)
              : `${selected.length} of ${count(faults.length, noun)}`}
          </small>
        </div>
        <FilterBar subject={`${noun}s`} choices={choicesOf(model)} values={{ ...filter }} onChange={change} />
        <ul class="rows">
          {families
            .filter((family) => family.faults.some((fault) => kept.has(fault)))
            .map(({ name, faults: own, clauses }) => (
              <li key={name} class="row">
                <a href={toFaults({ family: name })}>{name}</a>
                <Strip
                  label={`Faults of ${name}`}
                  cells={own.map((fault) => ({
                    href: toFault(fault.name),
                    label: `${fault.name} (${fault.clause}): ${fault.result}`,
                    tone: resultTone(fault.result),
                    dim: !kept.has(fault),
                  }))}
                />
                <span class="row-end">
                  {own.filter(({ problem }) => problem === undefined).length} of {own.length},{' '}
                  {count(clauses, 'clause')}
                </span>
              </li>
            ))}
        </ul>
        {selected.length === 0 && <p class="soft">No {noun} matches this filter.</p>}
        <FaultTable label="Selected" faults={selected} expects={report.expects} />
      </section>
      <Precision model={model} />
      <Unobservable model={model} />
      <section class="panel">
        <h2>About this run</h2>
        <Facts
          facts={[
            ['Kit', `${report.tool.name} ${report.tool.version}`],
            ['Started', dateTime(report.startedAt)],
            ['Duration', duration(report.durationMs)],
            ['Cases of the suite', report.cases.toLocaleString('en')],
            ['Against each', report.wholeSuite ? 'the whole suite' : 'the cases of its clause'],
            [
              'Without a change',
              report.untouched.length === 0 ? 'all cases pass' : report.untouched.join(', '),
            ],
          ]}
        />
        <Command text={report.command} label="Command of this run" />
      </section>
    </>
  );
}

function Verdict({ model, noun }: { readonly model: FaultsModel; readonly noun: string }) {
  const { report, faults } = model;
  const tone: Tone = report.verdict.good ? 'passed' : 'failed';
  const good = faults.filter(({ problem }) => problem === undefined).length;
  const word = report.expects === 'caught' ? 'are caught by a case of their clause' : 'pass every case';
  const counts = results
    .map((result) => ({ result, amount: faults.filter((fault) => fault.result === result).length }))
    .filter(({ amount }) => amount > 0);
  return (
    <section class="panel verdict" data-tone={tone}>
      <h1 tabIndex={-1}>
        <Sign tone={tone} /> {good} of {count(faults.length, noun)} {word}
      </h1>
      <ul class="soft">
        {report.verdict.summary.slice(1).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div class="proportion" aria-hidden="true">
        {counts.map(({ result, amount }) => (
          <span key={result} data-tone={resultTone(result)} style={{ flexGrow: amount }} />
        ))}
      </div>
      <Legend
        entries={counts.map(({ result, amount }) => ({
          tone: resultTone(result),
          label: result,
          meaning: resultMeaning(result),
          count: amount,
          href: toFaults({ result }),
        }))}
      />
    </section>
  );
}

function Unobservable({ model }: { readonly model: FaultsModel }) {
  const { unobservable, idleCases = [] } = model.report;
  const reasons = Object.entries(unobservable);
  if (reasons.length === 0 && idleCases.length === 0) return null;
  return (
    <section class="panel">
      <h2>Limits of the proof</h2>
      {idleCases.length > 0 && (
        <>
          <h3>Cases that catch no fault</h3>
          <ul>
            {idleCases.map((id) => (
              <li key={id}>
                <code>{id}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      {reasons.length > 0 && (
        <>
          <h3>Clauses that a black-box test cannot observe</h3>
          <Facts facts={reasons} />
        </>
      )}
    </section>
  );
}
