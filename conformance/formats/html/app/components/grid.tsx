import type { ComponentChildren } from 'preact';

/** A column of a grid. */
export interface GridColumn {
  readonly key: string;
  readonly title: ComponentChildren;
  /** Called if a click on the title sorts by this column. */
  readonly sort?: () => void;
  /** How the rows are sorted by this column. */
  readonly sorted?: 'ascending' | 'descending';
  readonly number?: boolean;
}

/** A row of a grid. Its header stays visible while the grid scrolls sideways. */
export interface GridRow {
  readonly key: string;
  readonly header: ComponentChildren;
  readonly cells: readonly ComponentChildren[];
}

interface GridProps {
  /** Gives all columns the same width, for columns of text. */
  readonly even?: boolean;
  /** What the grid shows, for assistive technology. */
  readonly label: string;
  /** The first column is that of the row headers. */
  readonly columns: readonly GridColumn[];
  readonly rows: readonly GridRow[];
}

/** A large table that scrolls within itself, below its titles and beside the headers of its rows. */
export function Grid({ label, columns, rows, even = false }: GridProps) {
  return (
    // A region that scrolls must be reachable with the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="grid-scroll" aria-label={label} tabIndex={0}>
      <table
        class={even ? 'grid grid-even' : 'grid'}
        style={even ? { minWidth: `${columns.length * 11 - 2}rem` } : undefined}
      >
        <thead>
          <tr>
            {columns.map(({ key, title, sort, sorted, number }) => (
              <th key={key} scope="col" aria-sort={sorted} class={number ? 'number' : undefined}>
                {sort === undefined ? (
                  title
                ) : (
                  <button type="button" class="grid-sort" onClick={sort}>
                    {title}
                    <span aria-hidden="true">
                      {sorted === undefined ? '' : sorted === 'ascending' ? ' ↑' : ' ↓'}
                    </span>
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, header, cells }) => (
            <tr key={key}>
              <th scope="row">{header}</th>
              {cells.map((cell, index) => (
                <td
                  key={columns[index + 1]?.key ?? index}
                  class={columns[index + 1]?.number ? 'number' : undefined}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
