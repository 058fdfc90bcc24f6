import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { ObjectCorrupt, ObjectMissing } from '../../src/git/objects/errors.js';
import { hashObject } from '../../src/git/objects/hash.js';
import type { GitObject, ObjectHeader, ObjectSource, ObjectType, Oid } from '../../src/git/objects/object-source.js';

interface Waiting {
  readonly oid: Oid;
  readonly wantsContent: boolean;
  readonly resolve: (object: { type: ObjectType; size: number; content: Buffer }) => void;
  readonly reject: (reason: Error) => void;
}

interface ReplyHead {
  readonly type: ObjectType;
  readonly size: number;
}

/**
 * An {@link ObjectSource} that asks one long-lived `git cat-file --batch-command`: the independent reader that tests lay
 * beside the project's own packs. Requests are pipelined and answered in order. `close` ends the process; requests that
 * are still open then reject.
 */
export class GitCatFileSource implements ObjectSource {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #gitDir: string;
  readonly #waiting: Waiting[] = [];
  readonly #closed: Promise<void>;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = 1;
  #answered = 0;

  /** `gitDir` is a bare repository or a `.git` directory. */
  constructor(gitDir: string) {
    this.#gitDir = gitDir;
    this.#child = spawn('git', ['--git-dir', gitDir, 'cat-file', '--batch-command'], { stdio: 'pipe' });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', (cause) => this.#fail(cause));
    this.#closed = new Promise((resolve) => {
      this.#child.on('close', () => {
        this.#fail(new TypeError(`git cat-file on ${gitDir} has ended`));
        resolve();
      });
    });
  }

  async header(oid: Oid): Promise<ObjectHeader> {
    const { type, size } = await this.#ask(oid, false);
    return { type, size };
  }

  async read(oid: Oid): Promise<GitObject> {
    const { type, content } = await this.#ask(oid, true);
    if (hashObject(type, content) !== oid) throw new ObjectCorrupt(oid, 'content hashes to another id');
    return { type, content };
  }

  async has(oid: Oid): Promise<boolean> {
    try {
      await this.#ask(oid, false);
      return true;
    } catch (error) {
      if (error instanceof ObjectMissing) return false;
      throw error;
    }
  }

  withPrefix(prefix: string, limit: number): Promise<readonly Oid[]> {
    const run = spawnSync('git', ['--git-dir', this.#gitDir, 'rev-parse', `--disambiguate=${prefix}`], { encoding: 'utf8' });
    return Promise.resolve(run.stdout.split('\n').filter(Boolean).slice(0, limit));
  }

  /** Ends the process; resolves when it is gone. */
  close(): Promise<void> {
    this.#child.stdin.end();
    return this.#closed;
  }

  #ask(oid: Oid, wantsContent: boolean): Promise<{ type: ObjectType; size: number; content: Buffer }> {
    return new Promise((resolve, reject) => {
      if (!/^[0-9a-f]{40}$/u.test(oid)) {
        reject(new ObjectMissing(oid));
        return;
      }
      this.#waiting.push({ oid, wantsContent, resolve, reject });
      this.#child.stdin.write(`${wantsContent ? 'contents' : 'info'} ${oid}\n`);
    });
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#needed = 1;
    for (;;) {
      const waiting = this.#waiting[this.#answered];
      const lineEnd = waiting === undefined ? -1 : bytes.indexOf(0x0a, at);
      if (waiting === undefined || lineEnd < 0) break;
      const head = parseHead(bytes.toString('latin1', at, lineEnd));
      if (head === null) {
        waiting.reject(new ObjectMissing(waiting.oid));
        at = lineEnd + 1;
      } else {
        const bodyEnd = lineEnd + 1 + (waiting.wantsContent ? head.size : 0);
        const replyEnd = waiting.wantsContent ? bodyEnd + 1 : bodyEnd;
        if (bytes.length < replyEnd) {
          this.#needed = replyEnd - at;
          break;
        }
        waiting.resolve({ ...head, content: Buffer.from(bytes.subarray(lineEnd + 1, bodyEnd)) });
        at = replyEnd;
      }
      this.#answered++;
    }
    this.#waiting.splice(0, this.#answered);
    this.#answered = 0;
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#buffered = bytes.length - at;
  }

  #fail(reason: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(reason);
  }
}

/** `<oid> <type> <size>`, or null for `<oid> missing`. */
function parseHead(line: string): ReplyHead | null {
  const [, type, size] = line.split(' ');
  if (size === undefined || !isObjectType(type)) return null;
  return { type, size: Number(size) };
}

function isObjectType(type: string | undefined): type is ObjectType {
  return type === 'blob' || type === 'tree' || type === 'commit' || type === 'tag';
}
