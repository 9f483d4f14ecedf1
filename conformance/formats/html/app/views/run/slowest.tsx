import { Bars } from '../../components/bars.tsx';
import type { RunModel } from '../../model/run-model.ts';
import { toneOf } from '../../model/standing.ts';
import { duration } from '../../model/words.ts';
import { toCase } from './places.ts';

const shown = 8;

/** The slowest cases. */
export function Slowest({ model }: { readonly model: RunModel }) {
  const slowest = [...model.cases].sort((one, other) => other.durationMs - one.durationMs).slice(0, shown);
  return (
    <section class="panel">
      <h2>Slowest cases</h2>
      <Bars
        bars={slowest.map(({ id, durationMs, standing }) => ({
          label: id,
          href: toCase(id),
          value: durationMs,
          text: duration(durationMs),
          tone: toneOf(standing),
        }))}
      />
    </section>
  );
}
