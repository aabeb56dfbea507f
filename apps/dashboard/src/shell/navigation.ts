// Where is the reader, and how do they get elsewhere? The address is the whole state of what is shown.
import { computed, signal } from '@preact/signals';
import { routeOf } from './routes.ts';

const here = () => new URL(window.location.href);
export const address = signal(here());
export const route = computed(() => routeOf(address.value.pathname));

window.addEventListener('popstate', () => (address.value = here()));

export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const target = new URL(to, window.location.href);
  if (target.href === window.location.href) return;
  window.history[replace ? 'replaceState' : 'pushState'](null, '', target);
  const moved = target.pathname !== address.value.pathname;
  address.value = target;
  if (moved) window.scrollTo(0, 0);
}

/** The same place with some of its questions changed; null takes one away. */
export function addressWith(changes: Readonly<Record<string, string | null>>, from: URL = address.value): string {
  const next = new URL(from);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  return `${next.pathname}${next.search}${next.hash}`;
}

/** Links stay links, so that they can be copied and opened beside; a plain click loads nothing. */
export function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.('a');
  if (!link?.href || link.target || link.hasAttribute('download')) return;
  const target = new URL(link.href);
  if (target.origin !== window.location.origin || !/^\/app(\/|$)/.test(target.pathname)) return;
  event.preventDefault();
  go(target.href);
}
