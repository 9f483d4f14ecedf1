/** A part of a page that a tab leads to. */
export interface Tab {
  readonly title: string;
  readonly href: string;
  readonly isCurrent: boolean;
  readonly count?: number;
}

/** Links to the parts of a page. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ title, href, isCurrent, count }) => (
        <a key={title} href={href} aria-current={isCurrent ? 'page' : undefined}>
          {title} {count !== undefined && <small>{count.toLocaleString('en')}</small>}
        </a>
      ))}
    </nav>
  );
}
