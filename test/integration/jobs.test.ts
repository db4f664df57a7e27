import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { galleryItemSchema, type Job } from '../../src/protocol/index.ts';
import { type JobApp, startJobApp } from '../support/job-app.ts';

let world: JobApp;

beforeAll(async () => {
  world = await startJobApp();
});
afterAll(() => world.close());

describe('a job over HTTP and the socket', () => {
  it('goes from a picture to a picture in the conversation and the gallery', async () => {
    const file = await world.upload(
      await sharp({ create: { width: 20, height: 10, channels: 3, background: '#204060' } })
        .png()
        .toBuffer(),
    );
    const { body } = await world.json<{ conversation: { id: string } }>('/api/conversations', {
      method: 'POST',
      body: JSON.stringify({ title: 'Pictures' }),
    });
    const conversationId = body.conversation.id;
    await world.ada.client.request({ type: 'conversation.open', conversationId });
    const job = await world.submit('sample-invert', { input: [file.id], conversationId });
    const created = await world.ada.client.waitFor('message.created');
    expect(created.message).toMatchObject({ conversationId, role: 'assistant', parts: [{ type: 'job', jobId: job.id }] });
    const done = await world.ended(job.id);
    expect(done).toMatchObject({ status: 'succeeded', progress: 100, messageId: created.message.id });
    const { message } = await world.ada.client.waitFor('message.updated');
    const [result = ''] = done.results;
    expect(message.parts).toMatchObject([
      { type: 'job' },
      { type: 'image', fileId: result, provenance: { plugin: 'sample', sources: [file.id] } },
    ]);
    const picture = await world.app.request(`/api/files/${result}`, { token: world.ada.token });
    const { data } = await sharp(Buffer.from(await picture.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 3)]).toEqual([0xdf, 0xbf, 0x9f]);
    const gallery = await world.json<{ items: unknown[] }>('/api/gallery');
    expect(galleryItemSchema.strict().parse(gallery.body.items[0])).toMatchObject({ id: job.id, file: { id: result }, conversationId });
    // The same again is there at once.
    expect(await world.submit('sample-invert', { input: [file.id] })).toMatchObject({
      status: 'succeeded',
      cached: true,
      results: [result],
    });
    expect((await world.json<{ items: Job[] }>('/api/jobs?limit=1')).body.items).toMatchObject([{ cached: true }]);
  });

  it('is named to who comes back, and cancelled from anywhere; its process is gone', async () => {
    const { id } = await world.submit('loops');
    await world.ada.client.waitFor('job.updated', ({ job }) => job.id === id && job.progress === 7);
    const tab = await world.app.connect(world.ada.token);
    const welcome = tab.frames.find((frame) => frame.type === 'welcome');
    expect(welcome?.type === 'welcome' && welcome.jobs.map((job) => job.id)).toEqual([id]);
    const cancelled = await world.json<{ job: Job }>(`/api/jobs/${id}`, { method: 'DELETE' });
    expect(cancelled.body.job.status).toBe('cancelled');
    expect((await tab.waitFor('job.updated', ({ job }) => job.id === id && job.status === 'cancelled')).job.id).toBe(id);
    tab.terminate();
    await world.works();
  });
});
