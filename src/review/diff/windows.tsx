import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

type Told = (entry: IntersectionObserverEntry) => void;

const told = new WeakMap<Element, Told>();
let observer: IntersectionObserver | undefined;

/** One observer for all: a diff of 5,000 files has as many places to watch. */
function watch(element: Element, tell: Told): () => void {
  observer ??= new IntersectionObserver((entries) => entries.forEach((entry) => told.get(entry.target)?.(entry)), { rootMargin: '100% 0px' });
  told.set(element, tell);
  observer.observe(element);
  return () => {
    told.delete(element);
    observer?.unobserve(element);
  };
}

/** Whether somebody is at work in it, so that it has to stay although it is out of sight. */
function isInUse(element: Element): boolean {
  return element.contains(document.activeElement) || element.querySelector('textarea') !== null;
}

/** Where something stands: near enough to be shown, or `height` pixels of nothing. */
interface Place {
  readonly isNear: boolean;
  readonly height: number;
}

/** Whether an element is within a screen's height of what is seen; away from there it keeps the height that it had, `guess` pixels at first. */
export function useWindow(of: { readonly current: Element | null }, guess: number): Place {
  const [place, setPlace] = useState<Place>({ isNear: false, height: guess });
  useEffect(() => {
    const element = of.current;
    if (element === null) return undefined;
    return watch(element, ({ isIntersecting, boundingClientRect: { height } }) => {
      if (isIntersecting) setPlace((before) => (before.isNear ? before : { ...before, isNear: true }));
      else if (!isInUse(element)) setPlace((before) => (before.isNear ? { isNear: false, height } : before));
    });
  }, [of]);
  return place;
}

/** Holds what `content` makes while it is near the screen, and its place at all times. */
export function Windowed({ guess, content }: { readonly guess: number; readonly content: () => ComponentChildren }): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const { isNear, height } = useWindow(frame, guess);
  return <div class="window" ref={frame} style={{ height: isNear ? '' : `${height}px` }}>{isNear ? content() : null}</div>;
}

/** Calls `reached` each time that it comes near the screen. */
export function Sentinel({ reached }: { readonly reached: () => void }): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const { isNear } = useWindow(frame, 1);
  const latest = useRef(reached);
  latest.current = reached;
  useEffect(() => {
    if (isNear) latest.current();
  }, [isNear]);
  return <div ref={frame} style={{ height: '1px' }} />;
}
