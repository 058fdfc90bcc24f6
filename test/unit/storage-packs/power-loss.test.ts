import { afterEach, beforeEach, expect, it } from 'vitest';
import { CrashFiles } from '../../support/crash-files.js';
import { drawsOfTheRun } from '../../support/draws.js';
import { makeStore, textOf, type StoreFixture } from './pack-directory-fixture.js';

/** Power failures; can be set from outside, where the matrix of faults asks for more. */
const FAILURES = Number(process.env['WEIR_TEST_RUNS'] ?? 150);
/** A write makes about a dozen calls, the first one of a store three more. */
const CALLS = 40;

const draw = drawsOfTheRun();

let fixture: StoreFixture;
beforeEach(() => {
  fixture = makeStore();
});
afterEach(() => fixture.remove());

it(`${FAILURES} failures of the power, anywhere within a write, take nothing that was acknowledged, and what they leave is never wrong`, async () => {
  let [acknowledged, cut] = [0, 0];
  for (let failure = 0; failure < FAILURES; failure++) {
    fixture.remove();
    fixture = makeStore();
    const files = new CrashFiles(draw(CALLS), draw);
    const store = fixture.open({ files });
    const told = new Map<string, string>();
    for (let n = 0; !files.isOver; n++) {
      const text = `write ${n} of failure ${failure} ${'x'.repeat(draw(200))}`;
      try {
        for (const oid of await fixture.write(store, text)) told.set(oid, text);
      } catch (fault) {
        if (!files.isOver) throw fault;
      }
    }
    store.close();
    files.restart();
    const again = fixture.open();
    for (const [oid, text] of told) expect(textOf(await again.read(oid))).toBe(text);
    again.close();
    acknowledged += told.size;
    cut += 1;
  }
  expect(cut).toBe(FAILURES);
  expect(acknowledged).toBeGreaterThan(FAILURES);
}, 60_000 + FAILURES * 50);
