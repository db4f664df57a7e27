import '../../styles/talk.css';
import type { Signal } from '@preact/signals';
import { ContextGauge } from '../gauge/context-gauge.tsx';
import { MicButton } from '../voice/mic-button.tsx';
import { ReadAloud } from '../voice/read-aloud.tsx';
import { QuoteButton } from './quote-button.tsx';

export interface ComposerExtrasProps {
  readonly conversationId: string | null;
  readonly text: Signal<string>;
}

/** What the composer can do without on its first day: fetched when the page has come to rest. */
export function ComposerExtras({ conversationId, text }: ComposerExtrasProps) {
  return (
    <>
      <ContextGauge conversationId={conversationId} text={text} />
      <MicButton text={text} />
      <ReadAloud />
      <QuoteButton />
    </>
  );
}
