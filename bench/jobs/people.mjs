// People with pictures to enlarge, over HTTP as programs do it.
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from '../../scripts/build-state.mjs';

let made = 0;

export async function ask(server, token, path, options = {}) {
  const response = await fetch(`${server.origin}${path}`, {
    ...options,
    headers: { authorization: `Bearer ${token}`, ...options.headers },
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`${path} ${response.status} ${JSON.stringify(body.error)}`);
  return body;
}

const json = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** A picture that nobody else has, so that no result is known already. @returns the bytes of a PNG */
export function makePicture(side) {
  made += 1;
  const picture = sharp(join(root, 'plugins/upscale/sample.jpg')).resize(side, side, { fit: 'cover' });
  return picture
    .modulate({ hue: (made * 7) % 360, brightness: 1 - (made % 50) / 500 })
    .png()
    .toBuffer();
}

/** @returns the id of the file */
export async function send(server, token, png) {
  const form = new FormData();
  form.set('file', new Blob([png], { type: 'image/png' }), 'a.png');
  return (await ask(server, token, '/api/uploads', { method: 'POST', body: form })).file.id;
}

export const upload = async (server, token, side) => send(server, token, await makePicture(side));

/** Hands in a picture to be doubled by the small network. */
export async function handIn(server, token, file) {
  made += 1;
  const work = { clientJobId: `bench-${process.pid}-${made}`, kind: 'upscale', input: [file], params: { scale: '2', method: 'draft' } };
  return (await ask(server, token, '/api/jobs', json(work))).job;
}

/** @returns the job when it has ended; throws unless it succeeded */
export async function ended(server, token, id) {
  for (;;) {
    const { job } = await ask(server, token, `/api/jobs/${id}`);
    if (job.status === 'succeeded') return job;
    if (job.status !== 'queued' && job.status !== 'running') throw new Error(`a job ended as ${job.status}: ${JSON.stringify(job.error)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Every job of somebody. */
export async function jobsOf(server, token, open) {
  const items = [];
  for (let cursor = null; ; ) {
    const query = new URLSearchParams({ limit: '100', ...(open ? { open: 'true' } : {}), ...(cursor === null ? {} : { cursor }) });
    const page = await ask(server, token, `/api/jobs?${query}`);
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return items;
  }
}
