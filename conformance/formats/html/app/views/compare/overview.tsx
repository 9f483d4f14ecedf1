import { useCallback } from 'preact/hooks';
import type { ComparedSideJson } from '../../../data/compare.ts';
import { Sign } from '../../components/badge.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Grid } from '../../components/grid.tsx';
import { Legend } from '../../components/legend.tsx';
import type { Tone } from '../../model/standing.ts';
import { count, dateTime } from '../../model/words.ts';
import { replaceRoute } from '../../router.ts';
import { ChangeTable } from './change-table.tsx';
import { choicesOf, filterIn, selectChanges } from './compare-filter.ts';
import type { ChangeList, CompareModel } from './compare-model.ts';
import { EraChanges } from './era-changes.tsx';
import { toChanges } from './places.ts';

const kinds: Readonly<
  Record<ChangeList['kind'], { readonly title: string; readonly tone: Tone; readonly meaning: string }>
> = {
  'newly failing': {
    title: 'Got worse',
    tone: 'failed',
    meaning: 'prevents a green run now and did not before',
  },
  'newly passing': { title: 'Got better', tone: 'passed', meaning: 'passes now and did not before' },
  new: { title: 'New', tone: 'known', meaning: 'only the new report has it' },
  removed: { title: 'Removed', tone: 'blocked', meaning: 'only the old report has it' },
  other: { title: 'Other changes', tone: 'skipped', meaning: 'another outcome, but no new failure' },
};

/** The changes between two reports, worst first. */
export function CompareOverview({
  model,
  query,
}: {
  readonly model: CompareModel;
  readonly query: URLSearchParams;
}) {
  const { report, lists, changes } = model;
  const filter = filterIn(query);
  const selected = new Set(selectChanges(changes, filter));
  const change = useCallback(
    (values: Readonly<Record<string, string | undefined>>) => replaceRoute(toChanges(values)),
    [],
  );
  const { verdict, remarks, unchanged } = report;
  const tone: Tone = verdict.exitCode === 0 ? 'passed' : 'failed';
  return (
    <>
      <section class="panel verdict" data-tone={tone}>
        <h1 tabIndex={-1}>
          <Sign tone={tone} /> {headline(model)}
        </h1>
        <p class="soft">
          {count(unchanged, 'case')} unchanged. Compared by {report.tool.name} {report.tool.version},{' '}
          {dateTime(report.startedAt)}
        </p>
        {remarks.length > 0 && (
          <ul class="notes">
            {remarks.map((remark) => (
              <li key={remark}>{remark}</li>
            ))}
          </ul>
        )}
        {lists.length > 0 && (
          <div class="proportion" aria-hidden="true">
            {lists.map(({ kind, changes: own }) => (
              <span key={kind} data-tone={kinds[kind].tone} style={{ flexGrow: own.length }} />
            ))}
          </div>
        )}
        <Legend
          entries={lists.map(({ kind, changes: own }) => ({
            tone: kinds[kind].tone,
            label: kind,
            meaning: kinds[kind].meaning,
            count: own.length,
            href: toChanges({ change: kind }),
          }))}
        />
      </section>
      {changes.length > 0 && (
        <section class="panel" aria-labelledby="changes">
          <div class="panel-head">
            <h2 id="changes">Changes</h2>
            <small role="status">
              {selected.size === changes.length
                ? count(changes.length, 'change')
                : `${selected.size} of ${count(changes.length, 'change')}`}
            </small>
          </div>
          <FilterBar subject="changes" choices={choicesOf(model)} values={{ ...filter }} onChange={change} />
          {selected.size === 0 && <p class="soft">No change matches this filter.</p>}
          {lists.map(({ kind, changes: own }) => (
            <ChangeTable
              key={kind}
              title={kinds[kind].title}
              tone={kinds[kind].tone}
              changes={own.filter((each) => selected.has(each))}
              hasImplementations={model.implementations.length > 0}
            />
          ))}
        </section>
      )}
      <EraChanges report={report} />
      <section class="panel">
        <h2>The two reports</h2>
        <div class="columns">
          <Side title="Before" side={report.old} />
          <Side title="After" side={report.new} />
        </div>
      </section>
    </>
  );
}

/** The most important change in one sentence. */
function headline({ report, lists, changes }: CompareModel): string {
  const worse = changes.filter(({ isWorse }) => isWorse).length;
  const better = lists.find(({ kind }) => kind === 'newly passing')?.changes.length ?? 0;
  if (worse > 0) {
    const more = better > 0 ? `, ${better} got better` : '';
    return `${count(worse, 'case')} got worse${more}`;
  }
  if (better > 0) return `Nothing got worse, and ${count(better, 'case')} got better`;
  return changes.length === 0
    ? 'Nothing changed'
    : `Nothing got worse: ${report.verdict.sentence.split(': ')[1] ?? ''}`;
}

function Side({ title, side }: { readonly title: string; readonly side: ComparedSideJson }) {
  return (
    <div>
      <h3>
        {title}: {side.file}
      </h3>
      <Grid
        label={`${title}: ${side.file}`}
        columns={[
          { key: 'target', title: 'Target' },
          { key: 'verdict', title: 'Verdict' },
          { key: 'started', title: 'Started' },
          { key: 'kit', title: 'Kit' },
        ]}
        rows={side.runs.map((run) => ({
          key: run.implementation ?? run.target,
          header: run.implementation === undefined ? run.target : `${run.implementation}: ${run.target}`,
          cells: [
            run.sentence,
            <time key="started" dateTime={run.startedAt}>
              {dateTime(run.startedAt)}
            </time>,
            `${run.tool.version}, ${run.level}${run.narrowed ? ', selected cases' : ''}`,
          ],
        }))}
      />
    </div>
  );
}
