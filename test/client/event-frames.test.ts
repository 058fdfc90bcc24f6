import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../src/client/event-frames.js';
import { fc } from '../support/fast-check.js';

const STREAM = ':\n\nevent: next\nid: c1\ndata: {"a":1}\n\n: beat\n\nid: c2\n\nevent:next\ndata:two\ndata: lines\r\n\r\nevent: complete\ndata\n\n';

function framesOf(pieces: readonly string[]): unknown[] {
  const reader = new FrameReader();
  return pieces.flatMap((piece) => [...reader.read(piece)]);
}

const WHOLE = framesOf([STREAM]);

describe('frames of server-sent events', () => {
  it('have an event, an id and data; those without data are signs of life', () => {
    expect(WHOLE).toEqual([
      { event: '', data: '', id: null },
      { event: 'next', data: '{"a":1}', id: 'c1' },
      { event: '', data: '', id: null },
      { event: '', data: '', id: 'c2' },
      { event: 'next', data: 'two\nlines', id: null },
      { event: 'complete', data: '', id: null },
    ]);
  });

  it('are the same wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
        expect(framesOf(places.slice(1).map((end, index) => STREAM.slice(places[index], end)))).toEqual(WHOLE);
      }),
    );
  });

  it('that never end are not given', () => {
    expect(framesOf(['event: next\ndata: half\n'])).toEqual([]);
  });
});
