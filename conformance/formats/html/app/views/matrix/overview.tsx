import { Sign } from '../../components/badge.tsx';
import { Legend } from '../../components/legend.tsx';
import type { Tone } from '../../model/standing.ts';
import { dateTime, duration } from '../../model/words.ts';
import { ChapterMap } from './chapter-map.tsx';
import { Disagreements } from './disagreements.tsx';
import { ImplementationGrid } from './implementation-grid.tsx';
import type { MatrixCase, MatrixModel } from './matrix-model.ts';
import { toCases } from './places.ts';

/** The colours and meanings of the relations between implementations in a case. */
export const agreements: readonly {
  readonly agreement: MatrixCase['agreement'];
  readonly tone: Tone;
  readonly meaning: string;
}[] = [
  {
    agreement: 'disagreement',
    tone: 'unstable',
    meaning: 'some passed and some failed, or they failed with different responses',
  },
  { agreement: 'failed by all', tone: 'failed', meaning: 'all failed in the same way' },
  { agreement: 'uneven', tone: 'skipped', meaning: 'none failed, but some did not check the case' },
  { agreement: 'passed by all', tone: 'passed', meaning: 'all passed' },
];

/** The first page of a matrix: the verdict, the implementations, their disagreements, and the clauses. */
export function MatrixOverview({ model }: { readonly model: MatrixModel }) {
  const { verdict, startedAt, durationMs, level, tool } = model.report;
  const tone: Tone = verdict.exitCode === 0 ? 'passed' : verdict.exitCode === 1 ? 'failed' : 'unstable';
  const counts = agreements.map((each) => ({
    ...each,
    count: model.cases.filter(({ agreement }) => agreement === each.agreement).length,
  }));
  return (
    <>
      <section class="panel verdict" data-tone={tone}>
        <h1 tabIndex={-1}>
          <Sign tone={tone} /> {verdict.sentence}
        </h1>
        <p class="soft">
          {dateTime(startedAt)}, {duration(durationMs)}, level {level}, {tool.name} {tool.version}
        </p>
        <div class="proportion" aria-hidden="true">
          {counts.map(({ agreement, tone: fill, count }) => (
            <span key={agreement} data-tone={fill} style={{ flexGrow: count }} hidden={count === 0} />
          ))}
        </div>
        <Legend
          entries={counts.map(({ agreement, tone: fill, meaning, count }) => ({
            tone: fill,
            label: agreement,
            meaning,
            count,
            href: toCases({ agreement }),
          }))}
        />
      </section>
      <ImplementationGrid model={model} />
      <Disagreements model={model} />
      <ChapterMap model={model} />
    </>
  );
}
