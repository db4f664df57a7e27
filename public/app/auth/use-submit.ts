import { useState } from 'preact/hooks';
import { type RequestError, toRequestError } from '../state/request-error.ts';

/** One request of a form: while it runs the button is busy, its error stays until the next try. */
export function useSubmit(work: () => Promise<void>): { busy: boolean; error: RequestError | null; submit: (event: Event) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    work()
      .catch((cause: unknown) => setError(toRequestError(cause)))
      .finally(() => setBusy(false));
  };
  return { busy, error, submit };
}
