import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureType, NO_TRACING, traceIdOf, type Span } from '../../src/shared/tracing.js';
import { openOtlp, type OpenTracing } from '../../src/tracing/otlp.js';
import { tracesUrl, type TracingSettings } from '../../src/tracing/settings.js';
import { startCollector, type Collector } from '../support/otlp-collector.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const NOBODY = { traceparent: null, tracestate: null };
const SETTINGS: TracingSettings = { endpoint: undefined, tracesEndpoint: undefined, headers: {}, timeoutMs: 1_000, serviceName: 'weir', resource: {}, sampler: 'parentbased_always_on', samplerRatio: 1, disabled: false };

describe('the id of a trace', () => {
  it.each([
    [`00-${TRACE}-00f067aa0ba902b7-01`, TRACE],
    [`00-${TRACE}-00f067aa0ba902b7-00`, TRACE],
    [`cc-${TRACE}-00f067aa0ba902b7-01`, TRACE],
    [`cc-${TRACE}-00f067aa0ba902b7-01-what-comes`, TRACE],
    [`cc-${TRACE}-00f067aa0ba902b7-01.what-comes`, null],
    [`00-${TRACE}-00f067aa0ba902b7-01-extra`, null],
    [`ff-${TRACE}-00f067aa0ba902b7-01`, null],
    [`00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`, null],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, null],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, null],
    [`00-${TRACE.slice(1)}-00f067aa0ba902b7-01`, null],
    ['', null],
    [null, null],
  ])('in %s is %s', (traceparent, traceId) => {
    expect(traceIdOf(traceparent)).toBe(traceId);
  });
});

describe('the address of a collector', () => {
  it.each([
    [{}, null],
    [{ endpoint: 'http://c:4318' }, 'http://c:4318/v1/traces'],
    [{ endpoint: 'http://c:4318/otlp/' }, 'http://c:4318/otlp/v1/traces'],
    [{ endpoint: 'http://c:4318', tracesEndpoint: 'http://t/x' }, 'http://t/x'],
    [{ endpoint: 'http://c:4318', tracesEndpoint: 'http://t/x', disabled: true }, null],
  ])('from %j is %s', (given, url) => {
    expect(tracesUrl({ ...SETTINGS, ...given })).toBe(url);
  });
});

describe('tracing that is off', () => {
  it('runs what it is given and hands on what comes of it', async () => {
    const fault = new RangeError('no');
    for (const run of [(work: (span: Span) => Promise<number>) => NO_TRACING.request('a', {}, NOBODY, work), (work: (span: Span) => Promise<number>) => NO_TRACING.span('a', {}, work), (work: (span: Span) => Promise<number>) => NO_TRACING.step('a', {}, work)]) {
      expect(await run(async (span) => (span.traceparent === null ? 7 : 0))).toBe(7);
      await expect(run(() => Promise.reject(fault))).rejects.toBe(fault);
    }
  });
});

describe('spans', () => {
  let collector: Collector;
  let tracing: OpenTracing;
  const open = (settings: Partial<TracingSettings> = {}): OpenTracing => openOtlp(`${collector.url}/v1/traces`, { ...SETTINGS, ...settings }, () => undefined);
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    await tracing.close();
    await collector.close();
  });

  it('keep apart what runs at the same time', async () => {
    tracing = open();
    const one = (name: string): Promise<void> => tracing.request(name, {}, NOBODY, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await tracing.span(`${name} inner`, {}, async () => { await tracing.step(`${name} innermost`, {}, async () => undefined); });
    });
    await Promise.all(Array.from({ length: 20 }, (_, at) => one(`work ${at}`)));
    await tracing.close();
    const spans = collector.spans();
    const byName = new Map(spans.map((span) => [span.name, span]));
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(20);
    for (let at = 0; at < 20; at++) {
      expect(byName.get(`work ${at} inner`)?.parentSpanId).toBe(byName.get(`work ${at}`)?.spanId);
      expect(byName.get(`work ${at} innermost`)?.parentSpanId).toBe(byName.get(`work ${at} inner`)?.spanId);
    }
  });

  it('of steps are only made within a trace', async () => {
    tracing = open();
    expect(await tracing.step('upkeep', {}, async ({ traceparent }) => traceparent)).toBeNull();
    await tracing.span('background', {}, async () => tracing.step('inner', {}, async () => undefined));
    await tracing.close();
    expect(collector.spans().map(({ name }) => name).sort()).toEqual(['background', 'inner']);
  });

  it('end when their work throws, and have failed only if told so, with a class and without a message', async () => {
    tracing = open();
    const fault = new RangeError('the secret');
    await expect(tracing.span('lost race', {}, () => Promise.reject(fault))).rejects.toBe(fault);
    await tracing.span('failure', {}, async (span) => span.fail(failureType(fault)));
    await tracing.span('other', {}, async (span) => span.fail(failureType('the secret')));
    await tracing.close();
    const told = new Map(collector.spans().map(({ name, status, attributes }) => [name, [status, attributes['error.type']]]));
    expect([told.get('lost race'), told.get('failure'), told.get('other')]).toEqual([[0, undefined], [2, 'RangeError'], [2, 'unknown']]);
    expect(collector.exports.map(({ body }) => body).join('')).not.toContain('the secret');
  });

  it.each([
    ['always_off', 1, '01', 0], ['always_on', 1, '00', 1], ['traceidratio', 0, '01', 0], ['traceidratio', 1, '00', 1],
    ['parentbased_always_off', 1, '01', 1], ['parentbased_always_on', 1, '00', 0], ['parentbased_traceidratio', 0, '01', 1],
  ] as const)('by %s of %d with a caller that says %s: %d', async (sampler, samplerRatio, flags, count) => {
    tracing = open({ sampler, samplerRatio });
    const traceparent = await tracing.request('asked', {}, { traceparent: `00-${TRACE}-00f067aa0ba902b7-${flags}`, tracestate: null }, async (span) => span.traceparent);
    expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-0${count}$`, 'u'));
    await tracing.close();
    expect(collector.spans()).toHaveLength(count);
  });

  it('that begin after the end cost nothing and go nowhere', async () => {
    tracing = open();
    await tracing.close();
    await tracing.close();
    expect(await tracing.span('late', {}, async () => 1)).toBe(1);
    expect(collector.exports).toEqual([]);
  });
});
