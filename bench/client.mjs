// What the browser pays: per streamed token in short and in long conversations, for what is pasted, for long code, and at the first load.
import { register } from 'tsx/esm/api';

register();
const { measureClient } = await import('./client/measure-client.mjs');
await measureClient();
