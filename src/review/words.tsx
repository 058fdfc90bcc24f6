import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Liveness } from './loading.js';

/** How long ago, in the largest unit that fits. */
export function ago(at: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  for (const [size, unit] of [[86_400, 'day'], [3600, 'hour'], [60, 'minute']] as const) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}${seconds >= 2 * size ? 's' : ''} ago`;
  }
  return 'just now';
}

/** A constant as a reader says it. */
export function plain(constant: string): string {
  return constant.toLowerCase().replaceAll('_', ' ');
}

/** A time, with the exact one on hover. */
export function Ago({ at }: { readonly at: string }): JSX.Element {
  return <time dateTime={at} title={new Date(at).toLocaleString()}>{ago(at)}</time>;
}

/** A state as a badge: by its word, not by its colour alone. */
export function State({ of }: { readonly of: string }): JSX.Element {
  return <span class={`state ${of.toLowerCase()}`}>{plain(of)}</span>;
}

/** What went wrong, in the words of the API. */
export function Trouble({ said }: { readonly said: string | null }): JSX.Element | null {
  return said === null ? null : <p class="trouble" role="alert">{said}</p>;
}

/** Says that something is under way, once that takes longer than 300 ms. */
export function Progress({ busy }: { readonly busy: boolean }): JSX.Element | null {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!busy) return setLong(false);
    const timer = setTimeout(() => setLong(true), 300);
    return () => clearTimeout(timer);
  }, [busy]);
  return isLong ? <div class="progress" role="status">Working…</div> : null;
}

/** Whether the page hears of changes. */
export function Live({ state }: { readonly state: Liveness }): JSX.Element {
  const words = { LIVE: 'live', RECONNECTING: 'connecting…', STOPPED: 'not live: reload the page' };
  return <span class={`live ${state.toLowerCase()}`} role="status">{words[state]}</span>;
}

/** A table that scrolls by itself where the screen is too narrow for it, for the keyboard as well: `of` says what it is of. */
export function Wide({ of, children }: { readonly of: string; readonly children: ComponentChildren }): JSX.Element {
  return <div class="wide" role="region" aria-label={of} tabIndex={0}>{children}</div>;
}

/** A dialog over the page; Escape closes it. */
export function Dialog({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ComponentChildren }): JSX.Element {
  return (
    <dialog ref={(element) => void (element !== null && !element.open && element.showModal())} onClose={onClose} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
