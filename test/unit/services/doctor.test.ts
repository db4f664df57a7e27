import { describe, expect, it } from 'vitest';
import type { Finding, User } from '../../../src/protocol/index.ts';
import { createDoctor } from '../../../src/services/doctor/doctor.ts';
import type { DoctorPorts, ModelFacts, SeenRequest } from '../../../src/services/doctor/doctor-ports.ts';
import { findingCodes, findingTexts } from '../../../src/services/doctor/finding-texts.ts';

const admin: User = { id: 'root', name: 'Root', email: 'root@example.org', role: 'admin' };
const person: User = { ...admin, id: 'ada', role: 'user' };
const now = Date.UTC(2026, 10, 22);
const mebibyte = 1_048_576;

const model: ModelFacts = {
  demo: false,
  chosen: 'gemini-3.8-flash',
  check: async () => 'ok',
  chosenEndsOn: () => null,
  blocked: () => [],
};

/** A server without a fault. */
const well: DoctorPorts = {
  now: () => now,
  publicUrl: 'https://chat.example.com',
  allowedOrigins: ['https://old.example.com'],
  direct: false,
  addressTest: () => 'ok',
  socketsOf: () => 1,
  store: { state: () => ({ kind: 'mongodb', ready: true }), now: async () => now, read: async () => null },
  freeBytes: async () => 10_000 * mebibyte,
  ephemeral: false,
  secret: { given: true, previous: false },
  model,
  failedPlugins: () => [],
  memory: () => ({ level: 'normal', usedBytes: 100 * mebibyte, budgetBytes: 512 * mebibyte }),
  node: { version: '22.0.0', wanted: '>=20.19', supported: true },
};
const request: SeenRequest = {
  ...{ host: 'chat.example.com', secure: true, forwardedFor: true, forwardedProto: 'https', cookie: true, browser: true },
};

async function find(code: string, ports: Partial<DoctorPorts>, seen: Partial<SeenRequest> | null = {}): Promise<Finding | undefined> {
  const found = await createDoctor({ ...well, ...ports }).examine(admin, seen === null ? null : { ...request, ...seen });
  return found.find((finding) => finding.code === code);
}

const rejects = () => Promise.reject(new Error('away'));

describe('the doctor', () => {
  it('finds nothing wrong with a server that is well, and looks at everything', async () => {
    const found = await createDoctor(well).examine(admin, request);
    expect(found.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(found.map(({ code }) => code).sort()).toEqual([...findingCodes].sort());
  });

  const gone = { state: () => ({ kind: 'mongodb', ready: false }) as const, now: rejects, read: rejects };
  const quotaFault = { model: { ...model, blocked: () => [{ model: 'gemini-3.8-flash', untilMs: now + 42_000 }] } };
  const faults: readonly [code: string, state: Finding['state'], ports: Partial<DoctorPorts>, seen?: Partial<SeenRequest>][] = [
    ['ADDRESS', 'warning', {}, { host: 'other.example.com' }],
    ['HTTPS', 'problem', {}, { forwardedProto: 'http' }],
    ['COOKIE', 'warning', {}, { cookie: false }],
    ['COOKIE', 'problem', {}, { cookie: false, forwardedProto: 'http' }],
    ['WEBSOCKET', 'problem', { socketsOf: () => 0 }],
    ['CLOCK', 'problem', { store: { ...well.store, now: async () => now - 7000 } }],
    ['CLOCK', 'unknown', { store: gone }],
    ['PROXY', 'warning', { direct: true, addressTest: () => 'unknown' }],
    ['PROXY', 'problem', { addressTest: () => 'trusted-forgery' }],
    ['DISK', 'warning', { freeBytes: async () => 500 * mebibyte }],
    ['DISK', 'problem', { freeBytes: async () => 50 * mebibyte }],
    ['DISK', 'unknown', { freeBytes: rejects }],
    ['DISK_LOST', 'problem', { ephemeral: true }],
    ['DATABASE', 'problem', { store: gone }],
    ['DATABASE', 'problem', { store: { ...well.store, read: rejects } }],
    ['SECRET', 'warning', { secret: { given: true, previous: true } }],
    ['SECRET', 'problem', { secret: { given: false, previous: false }, ephemeral: true }],
    ['MODEL_KEY', 'warning', { model: { ...model, demo: true } }],
    ['MODEL_KEY', 'problem', { model: { ...model, check: async () => 'bad_key' } }],
    ['MODEL_KEY', 'unknown', { model: { ...model, check: rejects } }],
    ['MODEL_SERVICE', 'problem', { model: { ...model, check: async () => 'unreachable' } }],
    ['QUOTA', 'warning', quotaFault],
    ['MODELS_SHUTDOWN', 'warning', { model: { ...model, chosen: 'gemini-2.5-pro', chosenEndsOn: () => '2026-12-01' } }],
    ['MODELS_SHUTDOWN', 'problem', { model: { ...model, chosenEndsOn: () => '2026-11-22' } }],
    ['PLUGINS', 'warning', { failedPlugins: () => ['upscale', 'dream'] }],
    ['MEMORY', 'warning', { memory: () => ({ level: 'tight', usedBytes: 430 * mebibyte, budgetBytes: 512 * mebibyte }) }],
    ['MEMORY', 'problem', { memory: () => ({ level: 'exhausted', usedBytes: 500 * mebibyte, budgetBytes: 512 * mebibyte }) }],
    ['VERSION', 'problem', { node: { version: '18.0.0', wanted: '>=20.19', supported: false } }],
  ];

  it.each(faults)('finds %s as %s, with its mend and no other fault by the way', async (code, state, ports, seen) => {
    const finding = await find(code, ports, seen);
    expect(finding).toMatchObject({ code, state, title: findingTexts[code as keyof typeof findingTexts].title });
    expect(finding?.mend.length).toBeGreaterThan(10);
    expect(`${finding?.text} ${finding?.mend}`).not.toMatch(/\{\w+\}|undefined|NaN/);
  });

  it('names what it measured', async () => {
    expect((await find('CLOCK', { store: { ...well.store, now: async () => now + 61_000 } }))?.text).toContain('differ by 61 s');
    expect((await find('QUOTA', quotaFault))?.params).toEqual({ model: 'gemini-3.8-flash', seconds: 42 });
    expect((await find('ADDRESS', {}, { host: 'other.example.com' }))?.params['address']).toBe('https://other.example.com');
    expect((await find('ADDRESS', {}, { host: 'old.example.com' }))?.state).toBe('ok');
    expect((await find('MODELS_SHUTDOWN', { model: { ...model, chosenEndsOn: () => '2027-06-01' } }))?.state).toBe('ok');
    expect((await find('CLOCK', { store: { ...well.store, now: async () => now - 4000 } }))?.state).toBe('ok');
  });

  it('does not guess what a command over the socket cannot see', async () => {
    for (const code of ['ADDRESS', 'HTTPS', 'COOKIE']) expect((await find(code, {}, null))?.state, code).toBe('unknown');
    expect((await find('PROXY', { direct: true, addressTest: () => 'unknown' }, null))?.state).toBe('unknown');
    expect((await find('WEBSOCKET', { socketsOf: () => 0 }, { browser: false }))?.state).toBe('unknown');
  });

  it('tells others only of their own way to the server, and asks nobody outside for them', async () => {
    let asked = 0;
    const check = async () => {
      asked += 1;
      return 'ok' as const;
    };
    const found = await createDoctor({ ...well, model: { ...model, check } }).examine(person, request);
    expect(found.map(({ code }) => code).sort()).toEqual(['ADDRESS', 'CLOCK', 'COOKIE', 'WEBSOCKET']);
    expect(asked).toBe(0);
  });
});
