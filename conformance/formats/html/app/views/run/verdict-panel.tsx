import { Sign } from '../../components/badge.tsx';
import { Legend } from '../../components/legend.tsx';
import type { RunModel } from '../../model/run-model.ts';
import { meaningOf, standings, type Tone, toneOf } from '../../model/standing.ts';
import { count, dateTime, duration } from '../../model/words.ts';
import { toCases } from './places.ts';

/** The verdict in one sentence, with the proportion of the outcomes. */
export function VerdictPanel({ model }: { readonly model: RunModel }) {
  const { verdict, startedAt, durationMs } = model.report;
  const eras = (model.report.eras ?? []).filter(({ cases }) => cases.total > 0);
  const counts = standings
    .map((standing) => ({
      standing,
      tone: toneOf(standing),
      count: model.cases.filter((each) => each.standing === standing).length,
    }))
    .filter(({ count: cases }) => cases > 0);
  const inBothEras =
    eras.reduce((sum, { cases }) => sum + cases.total, 0) > model.cases.length
      ? model.cases.filter((each) => each.eras.length > 1 && each.standing !== 'not declared').length
      : 0;
  const tone: Tone = verdict?.exitCode === 0 ? 'passed' : verdict?.exitCode === 1 ? 'failed' : 'unstable';
  return (
    <section class="panel verdict" data-tone={tone}>
      <h1 tabIndex={-1}>
        <span class="reason-sign">
          <Sign tone={tone} />
        </span>{' '}
        {sentenceCase(verdict?.sentence ?? '')}
      </h1>
      <p class="soft">
        {dateTime(startedAt)}, {duration(durationMs)}
        {eras.map(({ era, cases, clauses }) => (
          <span key={era}>
            {' · '}
            {era}: {cases.passed} of {cases.total} cases, {clauses.held} of {clauses.checked} clauses
          </span>
        ))}
        {inBothEras > 0 &&
          ` · ${count(inBothEras, 'case')} ${inBothEras === 1 ? 'counts' : 'count'} in both eras`}
      </p>
      <div class="proportion" aria-hidden="true">
        {counts.map(({ standing, tone: fill, count: cases }) => (
          <span key={standing} data-tone={fill} style={{ flexGrow: cases }} />
        ))}
      </div>
      <Legend
        entries={counts.map(({ standing, tone: fill, count: cases }) => ({
          tone: fill,
          label: standing,
          meaning: meaningOf(standing),
          count: cases,
          href: toCases({ outcome: standing }),
        }))}
      />
    </section>
  );
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
