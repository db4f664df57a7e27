import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readEnvironment } from '../../src/config.ts';

const strong = 'q7Vd0uJx-LmZ4rT9bKc2WnYp6HsEa3Gf8QiRo1Xt5Dz';
const stronger = 'M2xk9_TbQwLs7Yc4ZrUe0NvHa6PjDg1XfKo8Ri5Bt3Sm';
const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linesOf(env: Record<string, string | undefined>, argv: string[] = []): readonly string[] {
  try {
    readConfig(env, argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}

describe('an empty environment', () => {
  it('is enough to start on a laptop', () => {
    const config = readConfig({}, []);
    expect(config).toMatchObject({
      production: false,
      port: 8000,
      host: '::',
      hostGiven: false,
      dataDir: resolve('data'),
      mongoUri: undefined,
      jwtSecret: undefined,
      signup: 'open',
      bcryptCost: 12,
      drainMs: 20_000,
      clientIp: { kind: 'direct' },
      allowedOrigins: [],
      platform: { name: 'none', ephemeralDisk: false },
    });
    expect(config.limits).toMatchObject({ frameBytes: 65_536, textBytes: 49_152, sockets: 1000, modelRpm: 0 });
    expect(config.uploads.maxBytes).toBe(10_485_760);
  });

  it('gives an object that nobody can change, at any depth', () => {
    const config = readConfig({}, []);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.limits)).toBe(true);
    expect(Object.isFrozen(config.clientIp)).toBe(true);
    expect(Object.isFrozen(config.platform.warnings)).toBe(true);
  });

  it('is what empty variables count as', () => {
    expect(readConfig({ PORT: '', GEMINI_API_KEY: ' ', MONGO_URI: '' }, [])).toEqual(readConfig({}, []));
  });
});

describe('wrong values', () => {
  it('are all reported together, one line for each variable', () => {
    const lines = linesOf({
      PORT: 'eight',
      BCRYPT_COST: '4',
      SIGNUP: 'maybe',
      LIMIT_SOCKETS: '-1',
      MONGO_URI: 'localhost',
      CLIENT_IP: 'me',
    });
    expect(lines.map((line) => line.split(':')[0])).toEqual(['BCRYPT_COST', 'CLIENT_IP', 'LIMIT_SOCKETS', 'MONGO_URI', 'PORT', 'SIGNUP']);
  });

  it.each([
    'mongodb://',
    'mongodb://ada:secret@',
    'mongodb://ada:se@cret@db.example.org/chat',
    'mongodb://ada:se/cret@db.example.org/chat',
    'mongodb://ada:secret%zz/@127.0.0.1:1/db',
    'mongodb+srv:///chat',
  ])('of MONGO_URI are refused at the start where nothing can ever come of them: %s', (uri) => {
    expect(linesOf({ MONGO_URI: uri }).map((line) => line.split(':')[0])).toEqual(['MONGO_URI']);
  });

  it.each([
    'mongodb://127.0.0.1',
    'mongodb://a.example.org:27017,[::1]:27018/chat?replicaSet=rs0&w=majority',
    'mongodb+srv://ada:p%40ss%2F%3f@cluster0.example.net/?retryWrites=true&appName=a@b',
    'mongodb://ada:pa:ss@%2Ftmp%2Fmongodb-27017.sock/chat',
  ])('of MONGO_URI are no matter for the start where the driver can read them: %s', (uri) => {
    expect(linesOf({ MONGO_URI: uri })).toEqual([]);
  });

  it('of time that no timer can hold are refused, since such a timer would run out at once', () => {
    expect(linesOf({ LIMIT_TOTAL_MS: '2147483648' })).toEqual(['LIMIT_TOTAL_MS: must be a whole number from 0 to 2147483647.']);
    expect(linesOf({ LIMIT_TOTAL_MS: '2147483647' })).toEqual([]);
  });

  it('are never repeated in the report, for any of them may be a secret in the wrong place', () => {
    const report = linesOf({
      PORT: 'CANARY1',
      MONGO_URI: 'CANARY2 x',
      GEMINI_API_KEY: 'CANARY3 x',
      JWT_SECRET_KEY: 'CANARY4',
      ALLOWED_ORIGINS: 'CANARY5',
      LOG_LEVEL: 'CANARY6',
      GEMINI_BASE_URL: 'CANARY7',
      LIMIT_GAP_MS: 'CANARY8',
    });
    expect(report).toHaveLength(8);
    expect(report.join('\n')).not.toContain('CANARY');
  });

  it.each(['1e3', '0x10', '8000.5', '65536', '-1', '8 000'])('PORT=%s is refused', (value) => {
    expect(linesOf({ PORT: value })).toEqual(['PORT: must be a whole number from 0 to 65535.']);
  });

  it('name the nearest variable when a limit is mistyped', () => {
    expect(linesOf({ LIMIT_SOCKET: '5', UPLOAD_MAX_BYTE: '5' })).toEqual([
      'LIMIT_SOCKET: there is no such variable; did you mean LIMIT_SOCKETS?',
      'UPLOAD_MAX_BYTE: there is no such variable; did you mean UPLOAD_MAX_BYTES?',
    ]);
  });
});

describe('the signing key', () => {
  it('is required in production, and the report says how to make one', () => {
    const [line] = linesOf({ NODE_ENV: 'production' });
    expect(line).toMatch(/^JWT_SECRET_KEY: is required in production.*randomBytes\(48\)/);
    expect(readConfig({ NODE_ENV: 'production', JWT_SECRET_KEY: strong }, []).jwtSecret).toBe(strong);
  });

  it.each([
    'secret',
    'changeme',
    'short',
    'a'.repeat(64),
    'abababababababababababababababababababab',
    'your-secret-key-here-with-some-more-letters-42',
    'CHANGE-ME-change-me-1234-and-more-words-xyz',
  ])('%s is refused everywhere', (value) => {
    expect(linesOf({ JWT_SECRET_KEY: value })).toHaveLength(1);
    expect(linesOf({ JWT_SECRET_KEY: strong, JWT_SECRET_KEY_PREVIOUS: value })).toHaveLength(1);
    expect(linesOf({ NODE_ENV: 'production', JWT_SECRET_KEY: value })).toHaveLength(1);
  });

  it('may have a predecessor, which must be another one', () => {
    expect(readConfig({ JWT_SECRET_KEY: strong, JWT_SECRET_KEY_PREVIOUS: stronger }, []).jwtSecretPrevious).toBe(stronger);
    expect(linesOf({ JWT_SECRET_KEY: strong, JWT_SECRET_KEY_PREVIOUS: strong })).toHaveLength(1);
  });
});

describe('secrets in files', () => {
  it('are read without the newline at the end', () => {
    const path = join(folder, 'key');
    writeFileSync(path, `${strong}\n`);
    expect(readConfig({ JWT_SECRET_KEY_FILE: path }, []).jwtSecret).toBe(strong);
  });

  it('are reported when the file is missing, empty, or the variable is set as well', () => {
    const path = join(folder, 'empty');
    writeFileSync(path, '\n');
    expect(linesOf({ GEMINI_API_KEY_FILE: join(folder, 'none') })).toEqual(['GEMINI_API_KEY_FILE: the file cannot be read.']);
    expect(linesOf({ GEMINI_API_KEY_FILE: path }).join()).toContain('the file is empty');
    expect(linesOf({ JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FILE: path }).join()).toContain('not both');
  });
});

describe('origins', () => {
  it('are exact and normalised', () => {
    const config = readConfig({ ALLOWED_ORIGINS: 'https://A.example:443, http://localhost:5173', PUBLIC_URL: 'https://chat.example/' }, []);
    expect(config.allowedOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
    expect(config.publicUrl).toBe('https://chat.example');
  });

  it.each([
    '*',
    'https://*.example.com',
    'null',
    'https://a.example/path',
    'ftp://a.example',
    'a.example',
    'https://u:p@a.example',
    // These would begin another directive or be a keyword in the policy header that lists them.
    'https://a.example;b.example',
    "https://'self'",
  ])('%s is refused', (value) => {
    expect(linesOf({ ALLOWED_ORIGINS: value })).toHaveLength(1);
    expect(linesOf({ EMBED_ORIGINS: value })).toHaveLength(1);
  });
});

describe('the command line', () => {
  it('wins over the environment', () => {
    const config = readConfig({ PORT: '1', HOST: '10.0.0.1' }, ['--port', '0', '--host=127.0.0.1']);
    expect([config.port, config.host, config.hostGiven]).toEqual([0, '127.0.0.1', true]);
  });

  it('is checked like the environment', () => {
    expect(linesOf({}, ['--port', 'x'])).toEqual(['PORT: must be a whole number from 0 to 65535.']);
    expect(linesOf({}, ['--prot', '1'])).toEqual(['Command line: only --port <number> and --host <address> are known.']);
  });
});

describe('platforms', () => {
  it.each([
    [{ DYNO: 'web.1' }, 'heroku', { kind: 'hops', count: 1 }, 20_000, true],
    [{ RENDER: 'true' }, 'render', { kind: 'header', name: 'cf-connecting-ip' }, 20_000, true],
    [{ RENDER: 'true', DATA_DIR: '/var/data' }, 'render', { kind: 'header', name: 'cf-connecting-ip' }, 20_000, false],
    [{ RAILWAY_ENVIRONMENT_NAME: 'x' }, 'railway', { kind: 'header', name: 'x-real-ip' }, 300, true],
    [{ RAILWAY_DEPLOYMENT_DRAINING_SECONDS: '15' }, 'railway', { kind: 'header', name: 'x-real-ip' }, 10_000, true],
    [{ RAILWAY_VOLUME_MOUNT_PATH: '/data', DATA_DIR: '/data' }, 'railway', { kind: 'header', name: 'x-real-ip' }, 300, false],
  ])('%j is recognised as %s', (env, name, clientIp, drainMs, ephemeralDisk) => {
    expect(readConfig(env, [])).toMatchObject({ platform: { name, ephemeralDisk }, clientIp, drainMs });
  });

  it('warns where each deploy would empty the embedded store, and nowhere else', () => {
    const warnings = (env: Record<string, string>) => readConfig(env, []).platform.warnings.join();
    expect(warnings({ DYNO: 'web.1' })).toContain('set MONGO_URI');
    expect(warnings({ DYNO: 'web.1', MONGO_URI: 'mongodb://db.example.org' })).toBe('');
    expect(warnings({ RENDER: 'true', DATA_DIR: '/var/data' })).toBe('');
    expect(warnings({})).toBe('');
  });

  it('tell their public address and what the operator should change', () => {
    expect(readConfig({ RENDER: 'true', RENDER_EXTERNAL_URL: 'https://a.onrender.com' }, []).publicUrl).toBe('https://a.onrender.com');
    const railway = readConfig({ RAILWAY_PUBLIC_DOMAIN: 'a.up.railway.app' }, []);
    expect(railway.publicUrl).toBe('https://a.up.railway.app');
    expect(railway.platform.warnings.join()).toContain('RAILWAY_DEPLOYMENT_DRAINING_SECONDS');
    const drained = { RAILWAY_DEPLOYMENT_DRAINING_SECONDS: '30', RAILWAY_VOLUME_MOUNT_PATH: '/data', DATA_DIR: '/data' };
    expect(readConfig(drained, []).platform.warnings).toEqual([]);
  });

  it('tell an address only when it is one', () => {
    expect(readConfig({ RENDER: 'true', RENDER_EXTERNAL_URL: 'https://a.onrender.com/' }, []).publicUrl).toBe('https://a.onrender.com');
    for (const wrong of [{ RENDER: 'true', RENDER_EXTERNAL_URL: 'a.onrender.com' }, { RAILWAY_PUBLIC_DOMAIN: 'a b' }])
      expect(readConfig(wrong, []).publicUrl).toBeUndefined();
  });

  it('are not recognised by the keys of a command line on a laptop', () => {
    const laptop = readConfig({ RAILWAY_TOKEN: 'x', RAILWAY_API_TOKEN: 'y' }, []);
    expect([laptop.platform.name, laptop.clientIp]).toEqual(['none', { kind: 'direct' }]);
  });

  it('are overridden by what the operator says', () => {
    const config = readConfig({ DYNO: 'web.1', CLIENT_IP: 'header:X-Client', DRAIN_MS: '5' }, []);
    expect(config).toMatchObject({ clientIp: { kind: 'header', name: 'x-client' }, drainMs: 5 });
    expect(readConfig({ CLIENT_IP: 'hops:2' }, []).clientIp).toEqual({ kind: 'hops', count: 2 });
    expect(linesOf({ CLIENT_IP: 'hops:0' })).toHaveLength(1);
  });
});

describe('lists', () => {
  it('of hosts hold every name and address that can stand in Host, and no ports', () => {
    expect(readConfig({ ALLOWED_HOSTS: 'my_app, 192.168.1.20,[FD00::5],*.Example.org' }, []).allowedHosts).toEqual([
      'my_app',
      '192.168.1.20',
      '[fd00::5]',
      '*.example.org',
    ]);
    for (const wrong of ['a:80', 'https://a', 'fd00::5', '*', 'a/b']) expect(linesOf({ ALLOWED_HOSTS: wrong })).toHaveLength(1);
  });

  it('of quotas name whose share it is, its threads, its memory, and memory of a graphics card', () => {
    expect(readConfig({ JOB_QUOTAS: 'plugin:imagine=2/2048/8192, user:*=1/1024' }, []).jobs.quotas).toEqual([
      { subject: 'plugin:imagine', cpuThreads: 2, memoryMb: 2048, gpuMemoryMb: 8192 },
      { subject: 'user:*', cpuThreads: 1, memoryMb: 1024, gpuMemoryMb: Number.POSITIVE_INFINITY },
    ]);
    expect(readConfig({}, []).jobs.quotas).toEqual([]);
    for (const wrong of ['imagine=2/2048', 'plugin:imagine=2', 'group:x=1/1', 'user:*=-1/5'])
      expect(linesOf({ JOB_QUOTAS: wrong }).join()).toContain('JOB_QUOTAS');
  });

  it('of headers are decoded as OpenTelemetry says', () => {
    const headers = (text: string) => readConfig({ OTEL_EXPORTER_OTLP_HEADERS: text }, []).metrics.otlpHeaders;
    expect(headers('Authorization=Basic%20YTpi==, x-scope = a')).toEqual([
      ['authorization', 'Basic YTpi=='],
      ['x-scope', 'a'],
    ]);
    for (const wrong of ['a', 'a=%', 'a=b%0d%0ac', 'a b=c']) expect(linesOf({ OTEL_EXPORTER_OTLP_HEADERS: wrong })).toHaveLength(1);
  });
});

describe('readEnvironment', () => {
  it('completes the real environment from a file, and the real environment wins', () => {
    const path = join(folder, 'dotenv');
    writeFileSync(path, 'LOG_LEVEL=debug\n# a comment\nGEMINI_MODEL="gemini-x"\nPATH=/nowhere\n');
    const env = readEnvironment(path);
    expect(env['LOG_LEVEL']).toBe('debug');
    expect(env['GEMINI_MODEL']).toBe('gemini-x');
    expect(env['PATH']).not.toBe('/nowhere');
  });

  it('does without a file', () => {
    expect(readEnvironment(join(folder, 'missing'))['PATH']).toBeDefined();
  });
});
