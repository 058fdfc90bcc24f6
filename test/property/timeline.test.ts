import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fc } from '../support/fast-check.js';
import { Aim, newTimeline, timelineCommands } from '../support/timeline-commands.js';
import { TimelineModel } from '../support/timeline-model.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

/** Can be set from outside: the soak takes thousands. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 100);

/** Runs in one repository: what others hold there, and so each question for it, grows with them. */
const RUNS_A_REPO = 40;

const aim = new Aim();
let world: VerbWorld;
let scratch: string;

beforeAll(async () => {
  world = await openWorld({ faults: aim });
  scratch = mkdtempSync(join(tmpdir(), 'weir-timeline-'));
});
afterAll(async () => {
  await world.close();
  rmSync(scratch, { recursive: true, force: true });
});

it('a timeline does what the model says, whatever is done to it and wherever that is cut off, and git finds nothing to complain of', async () => {
  const places = [await world.repo()];
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(timelineCommands, async (commands) => {
      if (++runs % RUNS_A_REPO === 0) places.push(await world.repo());
      const place = places.at(-1) ?? (await world.repo());
      const real = await newTimeline(world, aim, place);
      const files = await world.files(place.repoId, (await world.branchById(real.branchId)).head);
      await fc.asyncModelRun(() => ({ model: new TimelineModel(files), real }), commands);
    }),
    { numRuns: RUNS },
  );
  for (const { repo, repoId } of places) {
    await world.expectWholeLog(repoId);
    const record = await world.app.storage.reader().repo(repoId);
    if (record === null) throw new TypeError('the repository is gone');
    const path = join(scratch, repo);
    await world.app.exportRepo(record, path);
    expect(execFileSync('git', ['-C', path, 'fsck', '--full', '--strict', '--no-progress', '--no-dangling'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('');
    rmSync(path, { recursive: true, force: true });
  }
}, 60_000 + RUNS * 1000);
