import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** One bug to plant: what the file is to hold instead of what it holds, and which tests to ask, some after the others. */
export interface Planted {
  readonly title: string;
  readonly file: string;
  broken(text: string): string;
  readonly tests: Iterable<readonly string[]>;
}

/** How often tests are asked again when those that failed turn out to fail by themselves. */
const ATTEMPTS = 20;

/** A copy of the sources in which bugs are planted one at a time, and whose tests are asked whether they notice. */
export class Asking {
  readonly root: string;
  /** Test files that have passed without any bug: what fails by itself would catch every one. */
  readonly #sound = new Set<string>();
  readonly #unsound = new Set<string>();
  readonly #workers: number;

  /** `workers`: how many processes run tests at a time. */
  constructor(checkout: string, workers: number) {
    this.#workers = workers;
    this.root = mkdtempSync(join(tmpdir(), 'weir-seeded-'));
    for (const part of ['src', 'schema', 'drizzle', 'test', 'package.json', 'tsconfig.json', 'README.md', 'deploy', 'dist/review']) cpSync(join(checkout, part), join(this.root, part), { recursive: true });
    symlinkSync(resolve(checkout, 'node_modules'), join(this.root, 'node_modules'));
  }

  /** Test files that fail by themselves, here and now; they are not asked again. */
  get unsound(): ReadonlySet<string> {
    return this.#unsound;
  }

  /** The first test file that fails with the bug, and passes without it; null when none does. */
  async caughtBy({ file, broken, tests }: Planted): Promise<string | null> {
    const path = join(this.root, file);
    const text = readFileSync(path, 'utf8');
    for (const asked of tests) {
      for (let attempt = 0; attempt < ATTEMPTS && asked.some((test) => !this.#unsound.has(test)); attempt++) {
        writeFileSync(path, broken(text));
        const failed = await this.#failing(asked).finally(() => writeFileSync(path, text));
        if (failed.length === 0) break;
        const caught = await this.#firstSound(failed);
        if (caught !== undefined) return caught;
      }
    }
    return null;
  }

  /** Removes the copy. */
  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  async #firstSound(failed: readonly string[]): Promise<string | undefined> {
    const doubtful = failed.filter((file) => !this.#sound.has(file));
    const unreliable = doubtful.length === 0 ? [] : await this.#failing(doubtful);
    for (const file of doubtful) (unreliable.includes(file) ? this.#unsound : this.#sound).add(file);
    return failed.find((file) => this.#sound.has(file));
  }

  /** Runs test files of the copy until the first failure; resolves to the files that failed. */
  #failing(tests: readonly string[]): Promise<readonly string[]> {
    const report = join(this.root, 'report.json');
    rmSync(report, { force: true });
    const options = ['--bail', '1', '--maxWorkers', String(this.#workers), '--reporter', 'json', '--outputFile', report, '--config', 'test/config/vitest.config.ts', ...[...this.#unsound].flatMap((file) => ['--exclude', file])];
    return new Promise((settle, reject) => {
      const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...options, ...tests], { cwd: this.root, stdio: 'ignore' });
      child.once('error', reject);
      child.once('exit', (code) => {
        const { testResults }: { testResults: { name: string; status: string }[] } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { testResults: [] };
        const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative(this.root, name));
        settle(code !== 0 && failed.length === 0 ? ['nothing that the report names'] : failed);
      });
    });
  }
}
