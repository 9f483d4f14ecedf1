import { useEffect, useState } from 'preact/hooks';

type Theme = 'light' | 'dark';

const preference = (): Theme => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

/** Switches between light and dark. Follows the system until it is pressed. */
export function ThemeToggle() {
  const [system, setSystem] = useState<Theme>(preference);
  const [chosen, setChosen] = useState<Theme | undefined>();
  const theme = chosen ?? system;
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => setSystem(preference());
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const other: Theme = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="button theme"
      onClick={() => setChosen(other)}
      aria-label={`Use the ${other} theme`}
    >
      {other === 'dark' ? 'Dark' : 'Light'}
    </button>
  );
}
