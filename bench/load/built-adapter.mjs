// The adapter for Gemini, bundled from the sources of the tree that is measured, as the server's build does it.
import { bundleSources } from '../harness/bundle-sources.mjs';

const wanted = {
  'models/gemini/gemini-model.ts': 'createGeminiModel',
  'models/gemini/gemini-model-table.ts': 'geminiModelTable',
  'lib/clock.ts': 'systemClock',
  'lib/logger.ts': 'silentLogger',
};

/** Builds it once. @returns the file to import, and how to remove it */
export const buildAdapter = () => bundleSources('adapter', wanted);
