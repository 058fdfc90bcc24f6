import { useEffect, useRef } from 'preact/hooks';

/** What a key does, by the key. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Listens to single keys, not while somebody types or holds a modifier. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
      if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select') !== null) return;
      const action = latest.current[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

/** Moves the focus by one among the elements that match, from where it is; on the first if it is on none. */
export function moveFocus(selector: string, by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const at = all.findIndex((element) => element === document.activeElement);
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/**
 * Moves the focus to the `inner` of the next or previous `outer`, which may come to be only when it is near the screen. Gives up after
 * a second: the reader has gone on.
 */
export function moveInto(outer: string, inner: string, by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(outer)];
  const at = all.findIndex((element) => element.contains(document.activeElement));
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  if (next === undefined) return;
  next.scrollIntoView({ block: 'nearest' });
  const until = performance.now() + 1_000;
  const focus = (): void => {
    const target = next.querySelector<HTMLElement>(inner);
    if (target === null && performance.now() < until) requestAnimationFrame(focus);
    target?.focus();
    target?.scrollIntoView({ block: 'nearest' });
  };
  focus();
}
