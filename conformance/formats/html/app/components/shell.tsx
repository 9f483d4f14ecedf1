import type { ComponentChildren } from 'preact';
import { ThemeToggle } from './theme.tsx';

/** The frame of every page: a bar with the subject, and the main part. */
export function Shell({
  subject,
  children,
}: {
  /** The subject of the page, such as the description of the target. */
  readonly subject: string;
  readonly children: ComponentChildren;
}) {
  // Not a link, because the fragment of the address belongs to the router.
  const skip = (): void => document.getElementById('content')?.focus();
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <header class="bar">
        <div class="bar-inner">
          <a class="bar-name" href="#/">
            <span class="long">mcp-runtime-</span>conformance
          </a>
          <span class="bar-target">{subject}</span>
          <ThemeToggle />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
