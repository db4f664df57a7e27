// npm run plugin:new <name>: writes plugins/<name>, a whole image plugin that works as it is.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { root } from './build-state.mjs';

const name = process.argv[2] ?? '';
const refusal = await refusalOf(name);
if (refusal !== null) {
  console.error(`plugin:new: ${refusal}\nUsage: npm run plugin:new my-plugin`);
  process.exit(1);
}
const folder = join(root, 'plugins', name);
await writePlugin(folder, name);
format(folder);
console.log(`plugins/${name} is there.
  npx vitest run plugins/${name}   tries it
  npm start                        serves it: attach a picture and send /${name}
  docs/plugins.md                  says what else a plugin can do`);

async function refusalOf(wanted) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(wanted) || wanted.length > 32) {
    return 'give it a name in kebab case (a-z, 0-9 and -, beginning with a letter, at most 32 characters)';
  }
  if (existsSync(join(root, 'plugins', wanted))) return `plugins/${wanted} exists already`;
  if (wanted === 'constructor' || wanted === 'prototype') return `${wanted} is a reserved word`;
  if (existsSync(join(root, 'src/commands/built-in', `${wanted}-command.ts`)))
    return `there is a built-in command /${wanted}: choose another name`;
  return null;
}

async function writePlugin(to, kebab) {
  const template = join(root, 'scripts/plugin-template');
  await mkdir(to, { recursive: true });
  for (const file of await readdir(template)) {
    const text = filled(await readFile(join(template, file), 'utf8'), kebab);
    await writeFile(join(to, fileName(file.replace(/\.txt$/, ''), kebab)), text);
  }
  await writeFile(join(to, 'sample.png'), samplePicture(96, 72));
}

function fileName(file, kebab) {
  return file === 'params.ts' || file === 'processor.ts' ? `${kebab}-${file}` : file;
}

function filled(text, kebab) {
  const pascal = kebab.replaceAll(/(^|-)([a-z0-9])/g, (_, _dash, letter) => letter.toUpperCase());
  const words = {
    name: kebab,
    pascal,
    camel: pascal[0].toLowerCase() + pascal.slice(1),
    title: kebab[0].toUpperCase() + kebab.slice(1).replaceAll('-', ' '),
    key: kebab.includes('-') ? `'${kebab}'` : kebab,
  };
  return text.replaceAll(/__(name|pascal|camel|title|key)__/g, (_, word) => words[word]);
}

/** Long names break lines: the formatter of the project puts them right. */
function format(path) {
  try {
    const biome = join(dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json')), 'bin/biome');
    spawnSync(process.execPath, [biome, 'check', '--write', path], { stdio: 'ignore', cwd: root });
  } catch {
    // Installed without development packages: the files are right, only lines may be long.
  }
}

/** A colour wheel on a slope of light, as PNG without a library: filter 0, one deflate stream. */
function samplePicture(width, height) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const angle = Math.atan2(y - height / 2, x - width / 2);
      const far = Math.hypot(x - width / 2, y - height / 2) / (height / 2);
      const pixel = [0, 2.094, 4.189].map((turn) => {
        const wheel = 0.5 + 0.5 * Math.cos(angle - turn);
        const slope = (x + y) / (width + height);
        return Math.round(255 * (far < 0.9 ? wheel * (1 - 0.3 * far) : slope));
      });
      rows.set(pixel, y * (1 + width * 3) + 1 + x * 3);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** `zlib.crc32` is not in Node 20. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
