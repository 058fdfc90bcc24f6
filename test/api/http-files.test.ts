import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

const BINARY = Buffer.from(Array.from({ length: 1024 }, (_, at) => at % 256));
const CHECKPOINT = `mutation ($input: CreateCheckpointInput!) {
  createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { oid } } ... on Problem { code message } }
}`;

let gateway: TestGateway;
let head: string;
let hidden: string;
let limited: string;
beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MAX_STREAMED_FILE: '3MB' } });
  head = await seedRepo(gateway, 'group/files', [
    { path: 'a b/ümlaut.txt', text: 'Grüße\n' },
    { path: 'page.html', text: '<script>alert(1)</script>\n' },
    { path: 'image.bin', base64: BINARY.toString('base64') },
    { path: 'empty', text: '' },
    { path: 'digits.txt', text: '0123456789' },
  ]);
  await seedBranch(gateway, 'group/files', 'secret/a');
  hidden = await seedCheckpoint(gateway, 'group/files', 'secret/a', { path: 'digits.txt', text: 'secret' });
  limited = await gateway.createKey({ readBranches: ['main', 'open/**'] });
});
afterAll(() => gateway.close());

function raw(path: string, init: RequestInit & { readonly key?: string } = {}): Promise<Response> {
  return gateway.fetch(`/raw/group/files/-/${head}/${path}`, init);
}

function blobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

async function code(response: Response): Promise<string> {
  const { errors }: Json = await response.json();
  return errors[0].extensions.code;
}

describe('the bytes of a file', () => {
  it('are served as they are, with their blob’s id as the tag', async () => {
    const response = await raw('image.bin');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(BINARY);
    expect(response.headers.get('etag')).toBe(`"${blobId(BINARY)}"`);
    expect(response.headers.get('content-length')).toBe('1024');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
  });

  it('are found by any path that a file may have', async () => {
    expect(await (await raw(`${encodeURIComponent('a b')}/${encodeURIComponent('ümlaut.txt')}`)).text()).toBe('Grüße\n');
    expect(await (await raw('empty')).text()).toBe('');
  });

  it('are where the schema says', async () => {
    const { repo } = await gateway.data('{ repo(name: "group/files") { file(rev: "main", path: "a b/ümlaut.txt") { blob { url } } } }');
    const { pathname, search } = new URL(repo.file.blob.url, 'http://gateway.test');
    expect(await (await gateway.fetch(pathname + search)).text()).toBe('Grüße\n');
  });

  it('are never something that a browser runs in this origin', async () => {
    const { headers } = await raw('page.html');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=5-999', 206, '56789', 'bytes 5-9/10'],
    ['bytes=4-2', 200, '0123456789', null],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['lines=0-1', 200, '0123456789', null],
  ])('are served in part for the range %s', async (range, status, text, contentRange) => {
    const response = await raw('digits.txt', { headers: { range } });
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([status, text, contentRange]);
  });

  it.each(['bytes=10-', 'bytes=-0'])('refuse the range %s, which lies behind their end', async (range) => {
    const response = await raw('digits.txt', { headers: { range } });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  it('are not sent again to a client that has them, nor in part when they changed', async () => {
    const etag = `"${blobId(Buffer.from('0123456789'))}"`;
    const known = await raw('digits.txt', { headers: { 'if-none-match': `"x", W/${etag}` } });
    expect([known.status, await known.text()]).toEqual([304, '']);
    expect((await raw('digits.txt', { headers: { range: 'bytes=0-1', 'if-range': etag } })).status).toBe(206);
    expect((await raw('digits.txt', { headers: { range: 'bytes=0-1', 'if-range': '"other"' } })).status).toBe(200);
  });

  it('are described by HEAD without being sent', async () => {
    const response = await raw('digits.txt', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '10', '']);
  });

  it.each(['', 'absent', 'a b', '../digits.txt', 'digits.txt/', '%2e%2e/x', '%FF'])('are not found at %j', async (path) => {
    expect([400, 404]).toContain((await raw(path)).status);
  });

  it('of hidden commits answer as those of commits that do not exist', async () => {
    const at = (oid: string): Promise<Response> => gateway.fetch(`/raw/group/files/-/${oid}/digits.txt`, { key: limited });
    const shown = async (oid: string): Promise<string> => {
      const response = await at(oid);
      return `${response.status} ${(await response.text()).replaceAll(oid, 'OID')}`;
    };
    expect((await at(head)).status).toBe(200);
    expect(await shown(hidden)).toBe(await shown('0123456789abcdef0123456789abcdef01234567'));
    expect((await gateway.fetch(`/raw/group/files/-/${hidden}/digits.txt`)).status).toBe(200);
  });

  it('need a full commit id: neither a branch nor a blob is an address', async () => {
    for (const rev of ['main', head.slice(0, 12), blobId(BINARY)]) expect((await gateway.fetch(`/raw/group/files/-/${rev}/digits.txt`)).status).toBe(404);
  });

  it('of a repository outside of the key’s globs are absent', async () => {
    const foreign = await gateway.createKey({ repos: ['other/**'] });
    expect((await raw('digits.txt', { key: foreign })).status).toBe(404);
  });
});

describe('a raw patch', () => {
  it('is the one that the schema names, and what git makes of it', async () => {
    const { repo } = await gateway.data('query ($to: String!) { repo(name: "group/files") { diff(from: "main", to: $to) { patch patchUrl } } }', { to: hidden });
    const { pathname, search } = new URL(repo.diff.patchUrl, 'http://gateway.test');
    const response = await gateway.fetch(pathname + search);
    const patch = await response.text();
    expect(patch).toBe(repo.diff.patch);
    expect(execFileSync('git', ['apply', '--numstat'], { input: patch, encoding: 'utf8' })).toBe('1\t1\tdigits.txt\n');
    expect((await gateway.fetch(pathname + search, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } })).status).toBe(304);
  });

  it('of commits that the key cannot read is absent', async () => {
    expect((await gateway.fetch(`/raw/group/files/-/${head}..${hidden}.patch`, { key: limited })).status).toBe(404);
    expect((await gateway.fetch(`/raw/group/files/-/${head}..${head}.patch`, { key: limited })).status).toBe(200);
  });

  it('refuses options that are out of range', async () => {
    const response = await gateway.fetch(`/raw/group/files/-/${head}..${hidden}.patch?context=-5`);
    expect([response.status, await code(response)]).toEqual([400, 'INVALID_ARGUMENT']);
  });
});

function upload(content: Buffer<ArrayBuffer>, key?: string, repo = 'group/files'): Promise<Response> {
  return gateway.fetch(`/blobs/${repo}`, { method: 'POST', body: new Uint8Array(content), ...(key === undefined ? {} : { key }) });
}

describe('a blob that is streamed in', () => {
  it('answers the id that git gives it, and can be written by a checkpoint', async () => {
    const content = randomBytes(1_500_000);
    const response = await upload(content);
    expect(response.status).toBe(201);
    const blob: Json = await response.json();
    expect(blob).toEqual({ oid: blobId(content), size: content.length });
    await seedBranch(gateway, 'group/files', 'open/upload');
    const { createCheckpoint } = await gateway.data(CHECKPOINT, { input: { repo: 'group/files', branch: 'open/upload', message: 'Add', changes: [{ write: { path: 'large.bin', blob: blob.oid } }] } });
    const back = await gateway.fetch(`/raw/group/files/-/${createCheckpoint.checkpoint.oid}/large.bin`);
    expect(Buffer.from(await back.arrayBuffer()).equals(content)).toBe(true);
  });

  it('is for the key that streamed it: a limited one cannot write what another brought', async () => {
    const content = randomBytes(100);
    const other = await gateway.createKey({ readBranches: ['main', 'open/**'] });
    const { oid }: Json = await (await upload(content, other)).json();
    const write = (key: string): Promise<Json> => gateway.data(CHECKPOINT, { input: { repo: 'group/files', branch: 'open/upload', message: 'Add', changes: [{ write: { path: 'mine.bin', blob: oid } }] } }, key);
    expect((await write(limited)).createCheckpoint.__typename).not.toBe('CreateCheckpointSuccess');
    expect((await write(other)).createCheckpoint.__typename).toBe('CreateCheckpointSuccess');
  });

  it.each([['announced', {}], ['not announced', { chunked: true }]])('is refused beyond the limit, %s', async (_what, { chunked = false }: { chunked?: boolean }) => {
    const content = randomBytes(3_000_001);
    const body = chunked ? new ReadableStream({ start(controller) { for (let at = 0; at < content.length; at += 100_000) controller.enqueue(content.subarray(at, at + 100_000)); controller.close(); } }) : new Uint8Array(content);
    const init = { method: 'POST', body, duplex: 'half' };
    const response = await gateway.fetch('/blobs/group/files', init);
    expect([response.status, await code(response)]).toEqual([413, 'LIMIT_EXCEEDED']);
  });

  it('is refused without WRITE, and where the repository is hidden', async () => {
    const reader = await gateway.createKey({ scopes: ['READ'] });
    const foreign = await gateway.createKey({ repos: ['other/**'] });
    const [forbidden, absent, nowhere] = await Promise.all([upload(randomBytes(10), reader), upload(randomBytes(10), foreign), upload(randomBytes(10), undefined, 'group/none')]);
    expect([forbidden.status, absent.status, nowhere.status]).toEqual([403, 404, 404]);
  });

  it('gets its answer over a socket even when it is refused half-way', async () => {
    const { url } = await gateway.listen();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest(`${url}/blobs/group/none`, { method: 'POST', headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-length': 50_000_000 } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write(Buffer.alloc(200_000));
    });
    expect(status).toBe(404);
  });

  it('leaves nothing behind when its client goes half-way, and its room is free again', async () => {
    const { url } = await gateway.listen();
    for (let round = 0; round < 20; round++) {
      await new Promise<void>((resolve) => {
        const sent = httpRequest(`${url}/blobs/group/files`, { method: 'POST', headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-length': 2_900_000 } });
        sent.on('error', () => resolve());
        sent.write(Buffer.alloc(1_000_000), () => sent.destroy());
        sent.on('close', () => resolve());
      });
    }
    await setImmediate();
    await expect.poll(async () => (await fetch(`${url}/blobs/group/files`, { method: 'POST', headers: { authorization: `Bearer ${gateway.adminKey}` }, body: new Uint8Array(2_900_000) })).status).toBe(201);
  });
});
