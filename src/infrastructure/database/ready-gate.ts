/** Shut until it opens once; those who wait may give up by a signal. */
export interface ReadyGate {
  open(): void;
  /** Stays shut for good: whoever waits, now or later, gets this error. */
  refuse(error: Error): void;
  /** Resolves when the gate is open. Rejects with the signal's reason. */
  pass(signal?: AbortSignal): Promise<void>;
}

export function createReadyGate(): ReadyGate {
  let isOpen = false;
  let refusal: Error | null = null;
  const waiting = new Set<() => void>();

  return {
    open() {
      isOpen = true;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    refuse(error) {
      refusal = error;
      for (const wake of waiting) wake();
      waiting.clear();
    },
    pass(signal) {
      if (isOpen) return Promise.resolve();
      if (refusal !== null) return Promise.reject(refusal);
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          waiting.delete(enter);
          reject(signal?.reason);
        };
        const enter = () => {
          signal?.removeEventListener('abort', giveUp);
          if (refusal === null) resolve();
          else reject(refusal);
        };
        if (signal?.aborted === true) return giveUp();
        signal?.addEventListener('abort', giveUp, { once: true });
        waiting.add(enter);
      });
    },
  };
}
