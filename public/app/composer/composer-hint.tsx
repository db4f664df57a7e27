import { useApp } from '../app-context.ts';
import type { ComposerFacts } from './use-composer-state.ts';

/** The one line that says why a message cannot be sent now, or how near the limit it is. */
export function ComposerHint({ facts, nudged }: { readonly facts: ComposerFacts; readonly nudged: boolean }) {
  const { i18n } = useApp();
  const words = hint(facts, nudged);
  const near = facts.limit > 0 && facts.bytes > facts.limit * 0.9;
  const size = near ? i18n.t('composer.size', { used: Math.ceil(facts.bytes / 1024), most: Math.floor(facts.limit / 1024) }) : '';
  return (
    <span class="composer-hint" data-warning={facts.over || facts.failedFiles ? '' : undefined} role="status">
      {words === null ? size : i18n.t(words)}
    </span>
  );
}

function hint(facts: ComposerFacts, nudged: boolean): string | null {
  if (facts.over) return 'composer.tooLong';
  if (facts.failedFiles) return 'composer.failedFiles';
  if (facts.uploading) return 'composer.uploading';
  if (nudged && facts.opening) return 'composer.opening';
  if (facts.running && facts.filled) return 'composer.queueHint';
  return null;
}
