import type { ColourAnswer, ColourRequest } from './shapes.js';

type Rows = ColourAnswer['colours'];

/** The address of the worker, which the gateway serves beside the page. */
const WORKER = '/colours.js';

/** Answers colours of lines, an entry for each; rejects never: without a worker there are none. */
export type Colouring = (path: string, lines: readonly string[]) => Promise<Rows>;

/** Asks a worker that is loaded with the first lines to colour, and not before. */
export function colouringBy(makeWorker: () => Worker): Colouring {
  const waiting = new Map<number, (colours: Rows) => void>();
  let worker: Worker | null = null;
  let asked = 0;
  let isBroken = false;
  const settle = (id: number, colours: Rows): void => {
    waiting.get(id)?.(colours);
    waiting.delete(id);
  };
  const giveUp = (): void => {
    isBroken = true;
    for (const id of waiting.keys()) settle(id, []);
  };
  const started = (): Worker => {
    const made = makeWorker();
    made.addEventListener('message', ({ data }: MessageEvent<ColourAnswer>) => settle(data.id, data.colours));
    made.addEventListener('error', giveUp);
    return made;
  };
  return (path, lines) =>
    new Promise((resolve) => {
      if (isBroken) return resolve([]);
      const request: ColourRequest = { id: ++asked, path, lines };
      waiting.set(request.id, resolve);
      worker ??= started();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
      worker.postMessage(request);
    });
}

/** The colours of the page. */
export const askColours: Colouring = colouringBy(() => new Worker(WORKER));
