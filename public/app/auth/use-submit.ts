import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type RequestError, toRequestError } from '../state/request-error.ts';

/**
 * One request of a form: while it runs the button is busy, its error stays until the next try. A busy button loses the focus: after an
 * error it is at the field that is wrong, or at the button again.
 */
export function useSubmit(work: () => Promise<void>): { busy: boolean; error: RequestError | null; submit: (event: Event) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);
  const pressed = useRef<{ form: HTMLFormElement; button: HTMLElement | null } | null>(null);
  useLayoutEffect(() => {
    if (busy || error === null || pressed.current === null) return;
    const { form, button } = pressed.current;
    pressed.current = null;
    if (form.contains(document.activeElement)) return;
    (form.querySelector<HTMLElement>('[aria-invalid="true"]') ?? button)?.focus();
  }, [busy, error]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const { currentTarget: form } = event;
    if (form instanceof HTMLFormElement) pressed.current = { form, button: form.querySelector<HTMLElement>('[type="submit"]') };
    setBusy(true);
    setError(null);
    work()
      .catch((cause: unknown) => setError(toRequestError(cause)))
      .finally(() => setBusy(false));
  };
  return { busy, error, submit };
}
