import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../support/browser.ts';
import { type E2eServer, startE2eServer } from '../../support/e2e-server.ts';
import { type FakeModel, startFakeModel } from './fake-model.ts';

/** What most browser tests play on: the built server with a fake model behind it, and a browser. */
export interface Stage {
  readonly server: E2eServer;
  readonly browser: Browser;
  readonly model: FakeModel;
  close(): Promise<void>;
}

/** What was started is ended again where the rest does not start. */
export async function startStage(): Promise<Stage> {
  const model = await startFakeModel();
  const [server, browser] = await Promise.allSettled([startE2eServer(model.env), launchBrowser()]);
  const close = async (): Promise<void> => {
    if (browser.status === 'fulfilled') await browser.value.close();
    if (server.status === 'fulfilled') await server.value.stop();
    await model.close();
  };
  if (server.status === 'fulfilled' && browser.status === 'fulfilled')
    return { server: server.value, browser: browser.value, model, close };
  await close();
  throw server.status === 'rejected' ? server.reason : (browser as PromiseRejectedResult).reason;
}
