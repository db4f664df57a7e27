import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';

export interface Attach {
  readonly input: RefObject<HTMLInputElement | null>;
  choose(): void;
  onChange(event: Event): void;
  onPaste(event: ClipboardEvent): void;
}

/** Takes pictures from the file dialog and from the clipboard. */
export function useAttach(scope: string): Attach {
  const add = useAddFiles(scope);
  const input = useRef<HTMLInputElement>(null);
  return {
    input,
    choose: () => input.current?.click(),
    onChange() {
      add([...(input.current?.files ?? [])]);
      if (input.current !== null) input.current.value = '';
    },
    onPaste(event) {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      add(files);
    },
  };
}

export function useAddFiles(scope: string): (files: readonly File[]) => void {
  const { uploads, actions } = useApp();
  return (files) => {
    const refused = uploads.add(scope, files);
    if (refused !== null) actions.fail(refused);
  };
}
