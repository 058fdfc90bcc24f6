import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { importRepo } from '../../../src/operations/import/import-repo.js';
import { compare, type Comparison } from '../measure.js';
import { runGit } from '../native-git.js';
import { received, type Subject, type Workplace } from '../workplace.js';

/** An import takes seconds; from this many files on, tens of them. */
const ROUNDS = 3;
const LARGE = 50_000;

/** Taking a repository over, with its graph and rows, beside a bare clone that copies; and a bundle beside a clone of it. */
export async function importing(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const { app, directory } = place;
  const bundle = join(directory, `${subject.repoName}.bundle`);
  runGit(subject.bare, ['bundle', 'create', '-q', bundle, '--branches', '--tags']);
  const take = async (path: string, name: string): Promise<void> => {
    received(await importRepo(place.request(), { name: `${subject.repoName}-${name}`, source: await app.openImport(path) }));
  };
  const clone = (from: string): void => {
    const to = join(directory, 'cloned.git');
    runGit(directory, ['clone', '-q', '--bare', '--no-hardlinks', from, to]);
    rmSync(to, { recursive: true });
  };
  const isLarge = subject.files >= LARGE;
  const on = { rounds: isLarge ? 1 : Math.min(rounds, ROUNDS), warmUp: !isLarge, goal: null, subject: subject.name };
  const native = (from: string): { readonly name: string; run(): void } => ({ name: 'git clone --bare', run: () => clone(from) });
  const comparisons = [
    await compare('import of a bare repository', { name: 'importRepo', run: (round) => take(subject.bare, `bare-${round}`) }, native(subject.bare), on),
    await compare('import of a bundle', { name: 'importRepo', run: (round) => take(bundle, `bundle-${round}`) }, native(bundle), on),
  ];
  rmSync(bundle);
  return comparisons;
}
