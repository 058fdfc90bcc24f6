import { setTimeout as sleep } from 'node:timers/promises';
import type { GitOutput } from '../../domain/ports/native-git.js';
import { GitFailed } from '../../domain/ports/native-git.js';

/** What a pipe still holds when its program has ended, 64 kB and what was read ahead, is taken within this by whoever reads at all. */
const ENDED_GRACE_MS = 60_000;

/** How what a program says is answered. */
export interface OutputOptions {
  /** True: an exit code that tells of a failure ends the answer as a good one does, once there was something to say. */
  readonly endsWell: boolean;
}

/**
 * The output as a body, at the pace of its reader. Answers once there is a first piece, so that a program that fails at once fails the
 * request: rejects then as `GitOutput.next` does. A program that is ended later, for its time or because nobody reads, cuts the body.
 */
export async function outputStream(output: GitOutput, { endsWell }: OutputOptions): Promise<ReadableStream<Uint8Array>> {
  let first = await output.next();
  let isOver = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const watch = async (): Promise<void> => {
          await output.ended;
          // Ended with pieces left that nobody takes: whoever stalls is not waited for.
          await sleep(ENDED_GRACE_MS, undefined, { ref: false });
          if (!isOver) controller.error(new GitFailed('STALL', 'the client does not read'));
        };
        void watch();
      },
      async pull(controller) {
        const piece = first ?? (await nextOf(output, endsWell));
        first = null;
        if (piece !== null) {
          controller.enqueue(piece);
          return;
        }
        isOver = true;
        controller.close();
      },
      async cancel() {
        isOver = true;
        await output.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function nextOf(output: GitOutput, endsWell: boolean): Promise<Buffer | null> {
  try {
    return await output.next();
  } catch (error) {
    if (endsWell && error instanceof GitFailed && error.why === 'EXIT') return null;
    throw error;
  }
}
