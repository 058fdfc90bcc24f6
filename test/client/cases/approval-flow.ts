import { expect } from 'vitest';
import { Weir, type DiffIn, type Repo } from '../../../src/client/index.js';
import { admin, keyOf, repoOf, type ClientCase } from './site.js';

type Shown = Pick<DiffIn<'structured'>, 'files'>;

const README = [{ path: 'README.md', text: '# Weather\n' }];

/** What an app's own code does with a diff. */
function shown(diff: Shown): string {
  return diff.files.flatMap(({ path, hunks }) => hunks.flatMap(({ lines }) => lines.map(({ kind, text }) => `${path} ${kind} ${text}`))).join('\n');
}

/** The flow as an app writes it: an agent's branch, its diff, a person's yes or no. */
async function approvalFlow(repo: Repo, renderApprovalUI: (diff: Shown) => void, userApproved: boolean): Promise<string> {
  const proposal = await repo.branch.create({ repo: repo.id, name: 'proposal/add-forecast-widget' });

  await repo.checkpoint.create({ branch: proposal.id, message: 'Add the widget', prompt: 'a forecast, please', changes: [{ write: { path: 'widget.txt', text: 'sunny\n' } }] });

  const diff = await repo.diff({
    repo: repo.id,
    from: 'main',
    to: proposal.id,
    format: 'structured',
  });

  renderApprovalUI(diff);

  if (userApproved) {
    await repo.branch.merge({
      repo: repo.id,
      from: proposal.id,
      to: 'main',
      message: 'approve proposal/add-forecast-widget',
    });
  } else {
    await repo.branch.delete({ repo: repo.id, branch: proposal.id });
  }
  return proposal.id;
}

/** The approval flow, with one key and with several. */
export const APPROVAL_FLOW: readonly ClientCase[] = [
  {
    name: 'shows the structured diff and merges what was approved',
    async run(site) {
      const repo = await repoOf(site, 'flow/approved', README);
      let seen = '';
      await approvalFlow(repo, (diff) => (seen = shown(diff)), true);
      expect(seen).toBe('widget.txt ADDED sunny');
      expect((await repo.file({ path: 'widget.txt' })).blob?.text).toBe('sunny\n');
      const { repo: read } = await admin(site).query<{ repo: { commit: { message: string } } }>('query ($repo: String!) { repo(name: $repo) { commit(rev: "main") { message } } }', { repo: repo.name });
      expect(read.commit.message).toMatch(/^approve proposal\/add-forecast-widget\n/u);
    },
  },
  {
    name: 'discards what was rejected, and can bring it back',
    async run(site) {
      const repo = await repoOf(site, 'flow/rejected', README);
      const id = await approvalFlow(repo, () => undefined, false);
      await expect(repo.file({ path: 'widget.txt' })).rejects.toMatchObject({ name: 'MissingError', code: 'NOT_FOUND' });
      const names: string[] = [];
      for await (const { name } of repo.branch.list()) names.push(name);
      expect(names).toEqual(['main']);
      expect(await repo.branch.restore({ id })).toMatchObject({ name: 'proposal/add-forecast-widget', state: 'ACTIVE' });
    },
  },
  {
    name: 'goes through a proposal that somebody else approves',
    async run(site) {
      const { url } = site;
      const repo = await repoOf(site, 'flow/reviewed', README);
      const agent = await new Weir({ url, key: await keyOf(site, 'agent') }).repo(repo.name);
      const ada = await new Weir({ url, key: await keyOf(site, 'ada') }).repo(repo.id);
      const branch = await agent.branch.create({ name: 'session/7', sessionId: '7', runId: 'r7' });
      await agent.checkpoint.create({ branch: branch.name, message: 'One', changes: [{ write: { path: 'a.txt', text: 'a\n' } }] });
      await agent.checkpoint.create({ branch: branch.name, message: 'Two', changes: [{ write: { path: 'b.txt', text: 'b\n' } }] });
      const preview = await agent.checkpoint.undo({ branch: branch.name, dryRun: true });
      expect(preview.diff?.stats).toEqual({ files: 1, additions: 0, deletions: 1 });
      await agent.checkpoint.undo({ branch: branch.name });
      await agent.checkpoint.redo({ branch: branch.name });
      const { number } = await agent.proposal.open({ source: branch.name, title: 'Two files' });
      await expect(agent.proposal.review({ number, verdict: 'APPROVE', head: (await agent.branch.get(branch.id)).headOid })).rejects.toMatchObject({ name: 'ProblemError' });
      const diff = await ada.proposal.diff({ number, format: 'files' });
      expect(diff.files.map(({ path, status }) => [path, status])).toEqual([['a.txt', 'ADDED'], ['b.txt', 'ADDED']]);
      const head = diff.to.oid;
      await ada.proposal.comment({ number, body: 'Nice', path: 'a.txt', side: 'NEW', line: 1 });
      expect((await ada.proposal.review({ number, verdict: 'APPROVE', head })).proposal.state).toBe('APPROVED');
      const merged = await ada.proposal.merge({ number, expectedHead: head });
      expect(merged).toMatchObject({ outcome: 'MERGED', proposal: { state: 'MERGED' } });
      const states: string[] = [];
      for await (const { number: at, state } of agent.checkpoint.list(branch.id)) states.push(`${at} ${state}`);
      expect(states).toEqual(['1 BEHIND', '2 CURRENT']);
    },
  },
];
