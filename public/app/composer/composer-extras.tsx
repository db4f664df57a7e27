import type { Signal } from '@preact/signals';

export interface ComposerExtrasProps {
  readonly conversationId: string | null;
  readonly text: Signal<string>;
}

export function ComposerExtras(_: ComposerExtrasProps) {
  return null;
}
