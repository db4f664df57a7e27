/** Shut until it opens once; those who wait may give up by a signal. */
export interface ReadyGate {
  open(): void;
  /** Resolves when the gate is open. Rejects with the signal's reason. */
  pass(signal?: AbortSignal): Promise<void>;
}

export function createReadyGate(): ReadyGate {
  let isOpen = false;
  const waiting = new Set<() => void>();

  return {
    open() {
      isOpen = true;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    pass(signal) {
      if (isOpen) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          waiting.delete(enter);
          reject(signal?.reason);
        };
        const enter = () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        };
        if (signal?.aborted === true) return giveUp();
        signal?.addEventListener('abort', giveUp, { once: true });
        waiting.add(enter);
      });
    },
  };
}
