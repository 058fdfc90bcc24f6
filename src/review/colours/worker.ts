import { coloursOf } from './colouring.js';
import type { ColourAnswer, ColourRequest } from './shapes.js';

// Colours lines beside the page's own thread: a frame is never late for it.
addEventListener('message', ({ data }: MessageEvent<ColourRequest>) => {
  const answer: ColourAnswer = { id: data.id, colours: coloursOf(data.path, data.lines) };
  postMessage(answer);
});
