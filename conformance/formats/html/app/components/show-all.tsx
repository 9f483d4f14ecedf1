/** The rest of a list that shows its first items only. */
export interface ShowAllOptions {
  readonly shown: number;
  readonly total: number;
  /** What the list contains, in the plural. */
  readonly noun: string;
  readonly onShow: () => void;
}

/** A button that shows the rest of a list. On paper, a note says how many items are missing. */
export function ShowAll({ shown, total, noun, onShow }: ShowAllOptions) {
  if (shown >= total) return null;
  return (
    <>
      <button type="button" class="button" onClick={onShow}>
        Show all {total} {noun}
      </button>
      <p class="print-note">
        {total - shown} more {noun} are not printed. Select “Show all {total} {noun}” before you print.
      </p>
    </>
  );
}
