import { leadsElsewhere } from '../../../domain/path.js';
import { Pace } from '../../../git/objects/pace.js';
import type { Oid } from '../../../git/objects/object-source.js';
import { decodeName, MODE_DIRECTORY, readTree } from '../../../git/objects/tree.js';
import type { Request } from '../../request.js';
import { gitRead } from '../query-error.js';

/**
 * The path of a commit's tree that no archive may hold, because whoever unpacks it would write somewhere else; null when there is none.
 * Imports and pushes bring in what they have. Each directory is read once, however often it stands in the tree.
 */
export function firstUnarchivable(request: Request, repoId: number, root: Oid): Promise<string | null> {
  return gitRead(async () => {
    const source = request.gateway.storage.objects.open(repoId);
    const pace = new Pace();
    const seen = new Set<Oid>([root]);
    const open: { readonly oid: Oid; readonly prefix: string }[] = [{ oid: root, prefix: '' }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      request.signal.throwIfAborted();
      await pace.breathe();
      for (const { name, mode, oid } of await readTree(source, next.oid)) {
        const path = next.prefix + decodeName(name);
        if (leadsElsewhere(decodeName(name))) return path;
        if (mode !== MODE_DIRECTORY || seen.has(oid)) continue;
        seen.add(oid);
        open.push({ oid, prefix: `${path}/` });
      }
    }
    return null;
  });
}
