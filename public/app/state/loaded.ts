import { type ReadonlySignal, signal } from '@preact/signals';
import { type RequestError, toRequestError } from './request-error.ts';

/** One thing that is asked for: not there yet, there, or refused. */
export interface Loaded<T> {
  readonly value: ReadonlySignal<T | null>;
  readonly error: ReadonlySignal<RequestError | null>;
  load(): Promise<void>;
}

export function createLoaded<T>(read: () => Promise<T>): Loaded<T> {
  const value = signal<T | null>(null);
  const error = signal<RequestError | null>(null);
  return {
    value,
    error,
    async load() {
      error.value = null;
      try {
        value.value = await read();
      } catch (cause) {
        error.value = toRequestError(cause);
      }
    },
  };
}
