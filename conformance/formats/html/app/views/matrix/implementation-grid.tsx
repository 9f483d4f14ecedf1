import type { ComponentChildren } from 'preact';
import { bytes } from '../../components/chart/units.ts';
import { Grid, type GridRow } from '../../components/grid.tsx';
import { OutcomeLink } from '../../components/outcome-link.tsx';
import { duration } from '../../model/words.ts';
import type { Implementation, MatrixModel } from './matrix-model.ts';
import { toClauses, toRun } from './places.ts';

/** The implementations side by side: the tested target, the outcome and the duration. */
export function ImplementationGrid({ model }: { readonly model: MatrixModel }) {
  const { implementations, eras } = model;
  const row = (title: string, cellOf: (each: Implementation) => ComponentChildren): readonly GridRow[] => {
    const cells = implementations.map(cellOf);
    return cells.every((cell) => cell === undefined) ? [] : [{ key: title, header: title, cells }];
  };
  /** A row of figures, each with a bar in proportion to the largest one. */
  const figures = (
    title: string,
    of: (each: Implementation) => number | undefined,
    format: (value: number) => string,
  ) => {
    const most = Math.max(...implementations.map((each) => of(each) ?? 0), Number.MIN_VALUE);
    return row(title, (each) => {
      const value = of(each);
      return value === undefined ? undefined : <Figure text={format(value)} share={value / most} />;
    });
  };
  const target = ({ run }: Implementation) => run.report.target;
  const rows = [
    ...row('Outcome', outcome),
    ...eras.flatMap((era) => [
      ...row(`Cases, ${era}`, (each) => eraText(each, era, 'cases')),
      ...row(`Clauses, ${era}`, (each) => eraText(each, era, 'clauses')),
    ]),
    ...row('Target', (each) => target(each).label),
    ...row('Server', (each) => {
      const { serverInfo } = target(each);
      return serverInfo && `${serverInfo.name} ${serverInfo.version}`;
    }),
    ...row('Contract', (each) => target(each).contract && `release ${target(each).contract?.release}`),
    ...row('Capabilities', (each) => target(each).health && <Capabilities model={model} of={each} />),
    ...figures('Ready after', (each) => target(each).readyMs, duration),
    ...figures('Start to verdict', ({ run }) => run.report.durationMs, duration),
    ...figures('Image size', (each) => target(each).image?.sizeBytes, bytes),
    ...row('Image', (each) => {
      const { image } = target(each);
      return image && <code title={image.digest ?? image.id}>{shortId(image.digest ?? image.id)}</code>;
    }),
  ];
  return (
    <section class="panel" aria-labelledby="implementations">
      <h2 id="implementations">Implementations</h2>
      <Grid
        even
        label="Properties of the implementations"
        columns={[
          { key: ' ', title: <span class="visually-hidden">Property</span> },
          ...implementations.map(({ name }) => ({ key: name, title: <a href={toRun(name)}>{name}</a> })),
        ]}
        rows={rows}
      />
    </section>
  );
}

function outcome({ name, run }: Implementation) {
  const { verdict, error } = run.report;
  if (verdict === undefined) {
    return (
      <>
        <OutcomeLink tone="unstable" label="not tested" href={toRun(name)} name={name} />
        <br />
        <small>{error?.message}</small>
      </>
    );
  }
  const { passed = 0, total = 0, notDeclared = 0 } = verdict.counts;
  const [tone, label] =
    verdict.exitCode === 0
      ? (['passed', 'conformant'] as const)
      : verdict.exitCode === 1
        ? (['failed', 'fails'] as const)
        : (['unstable', 'no verdict'] as const);
  return (
    <>
      <OutcomeLink tone={tone} label={label} href={toRun(name)} name={name} />
      <br />
      <small>
        {passed} of {total - notDeclared} passed
      </small>
    </>
  );
}

function eraText({ run }: Implementation, era: string, noun: 'cases' | 'clauses') {
  const found = run.report.eras?.find((each) => each.era === era);
  if (found === undefined) return run.report.error === undefined ? 'not checked' : undefined;
  const { cases, clauses } = found;
  if (noun === 'cases') return `${cases.passed} of ${cases.total} passed`;
  const held = `${clauses.held} of ${clauses.checked} held`;
  return clauses.violated.length === 0 ? (
    held
  ) : (
    <>
      {held}, <a href={toClauses({ era, outcome: 'violated' })}>{clauses.violated.length} violated</a>
    </>
  );
}

/** The declared capabilities. Those that another implementation lacks stand out. */
function Capabilities({ model, of }: { readonly model: MatrixModel; readonly of: Implementation }) {
  const declared = of.run.report.target.health?.capabilities ?? [];
  if (declared.length === 0) return <>none</>;
  const others = model.implementations.flatMap(({ run }) => run.report.target.health?.capabilities ?? []);
  const tested = model.implementations.filter(({ run }) => run.report.target.health !== undefined).length;
  return (
    <ul class="tags">
      {declared.map((name) => (
        <li
          key={name}
          class={others.filter((each) => each === name).length < tested ? 'tag-rare' : undefined}
        >
          {name}
        </li>
      ))}
    </ul>
  );
}

function Figure({ text, share }: { readonly text: string; readonly share: number }) {
  return (
    <span class="figure">
      {text}
      <span class="figure-track" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}

/** Shortens the digest of an image, as Docker does: `sha256:0123456789ab`. */
function shortId(id: string): string {
  return id.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}
