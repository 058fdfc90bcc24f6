import type { FileChangeInput } from '../../src/domain/file-changes.js';
import { hashObject } from '../../src/git/objects/hash.js';

/** What two names in one directory may not share: their form without case and with composed accents. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/**
 * A tree as nothing but a map from path to file, on which changes act one by one. Directories are what paths imply. It knows no
 * rules of path syntax: the caller gives it paths that keep them.
 */
export class FileModel {
  #files = new Map<string, { readonly mode: '100644' | '100755'; readonly text: string }>();

  /** Makes one change; false, and nothing changed, when it does not fit. */
  apply(change: FileChangeInput): boolean {
    const before = new Map(this.#files);
    const fits = this.#act(change);
    if (!fits) this.#files = before;
    return fits;
  }

  /** Mode and text by path. */
  entries(): Map<string, string> {
    return new Map([...this.#files].map(([path, { mode, text }]) => [path, `${mode} ${text}`]));
  }

  /** The lines of `git ls-tree -r`, in git's order. */
  listing(): string[] {
    const paths = [...this.#files.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return paths.map((path) => {
      const file = this.#files.get(path);
      return `${file?.mode} blob ${hashObject('blob', Buffer.from(file?.text ?? ''))}\t${path}`;
    });
  }

  #act({ write, delete: remove, move, edit }: FileChangeInput): boolean {
    if (write) return this.#put(write.path, write.mode === 'EXECUTABLE' ? '100755' : '100644', write.text ?? '');
    if (remove) return this.#take(remove.path).length > 0;
    if (move) return this.#move(move.from, move.to);
    return edit ? this.#edit(edit.path, edit.replace) : false;
  }

  #move(from: string, to: string): boolean {
    if (to === from || to.startsWith(`${from}/`) || this.#below(to).length > 0) return false;
    const moved = this.#take(from);
    return moved.length > 0 && moved.every(([path, { mode, text }]) => this.#put(to + path.slice(from.length), mode, text));
  }

  #edit(path: string, replace: readonly { readonly find: string; readonly with: string }[]): boolean {
    const file = this.#files.get(path);
    if (file === undefined) return false;
    let { text } = file;
    for (const { find, with: replacement } of replace) {
      const places = find === '' ? [] : Array.from({ length: text.length }, (_, at) => at).filter((at) => text.startsWith(find, at));
      const [at] = places;
      if (at === undefined || places.length > 1) return false;
      text = text.slice(0, at) + replacement + text.slice(at + find.length);
    }
    return this.#put(path, file.mode, text);
  }

  #put(path: string, mode: '100644' | '100755', text: string): boolean {
    const others = [...this.#files.keys()].filter((other) => other !== path);
    const clashes = others.some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`) || alikeButNotSame(path, other));
    if (clashes) return false;
    this.#files.set(path, { mode, text });
    return true;
  }

  #below(path: string): string[] {
    return [...this.#files.keys()].filter((each) => each === path || each.startsWith(`${path}/`));
  }

  #take(path: string): [string, { readonly mode: '100644' | '100755'; readonly text: string }][] {
    return this.#below(path).flatMap((each) => {
      const file = this.#files.get(each);
      this.#files.delete(each);
      return file === undefined ? [] : [[each, file]];
    });
  }
}

/** True when the paths part ways at two names that a careless file system takes for one. */
function alikeButNotSame(a: string, b: string): boolean {
  const [left, right] = [a.split('/'), b.split('/')];
  const parting = left.findIndex((name, index) => name !== right[index]);
  const [one, other] = [left[parting], right[parting]];
  return one !== undefined && other !== undefined && folded(one) === folded(other);
}
