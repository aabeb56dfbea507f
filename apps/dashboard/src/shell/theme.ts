// Light or dark?
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const key = 'polyaxon.theme';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(themes.find((one) => one === window.localStorage.getItem(key)) ?? 'system');

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
}

/** The tokens follow `color-scheme` alone. */
export function followTheme(): void {
  effect(() => {
    window.localStorage.setItem(key, theme.value);
    document.documentElement.dataset.theme = theme.value;
  });
}
