// Light, dark, or as the system says. The choice is this browser's, and is kept where storage allows it.

import { el } from './dom';
import { icon, setIcon } from './icons';

const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const storageKey = 'message-service.theme';
const labels: Record<Theme, string> = { auto: 'as the system', light: 'light', dark: 'dark' };

export function themeButton(): HTMLButtonElement {
  let theme = readTheme();
  const picture = icon(theme);
  const button = el(
    'button',
    { class: 'icon-button', attributes: { type: 'button', 'data-testid': 'theme-toggle' }, on: { click: () => next() } },
    picture,
  );
  const show = () => {
    document.documentElement.dataset['theme'] = theme;
    setIcon(picture, theme);
    button.title = `Theme: ${labels[theme]}`;
    button.setAttribute('aria-label', `Theme: ${labels[theme]}. Change`);
  };
  const next = () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length]!;
    writeTheme(theme);
    show();
  };
  show();
  return button;
}

function readTheme(): Theme {
  try {
    return themes.find((theme) => theme === localStorage.getItem(storageKey)) ?? 'auto';
  } catch {
    return 'auto'; // storage can be switched off
  }
}

function writeTheme(theme: Theme): void {
  try {
    localStorage.setItem(storageKey, theme);
  } catch {
    // the choice then lasts until the page is closed
  }
}
