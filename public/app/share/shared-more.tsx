import type { Message } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { MoreMarker } from '../jobs/more-marker.tsx';
import type { Paged } from '../state/paged.ts';
import { Button } from '../ui/button.tsx';

/** The rest of a long copy: by itself while one reads on, by a button where that failed. */
export function SharedMore({ list }: { readonly list: Paged<Message> }) {
  const { i18n } = useApp();
  const { error } = list.view.value;
  if (error === null) return <MoreMarker list={list} />;
  return (
    <div class="shared-error" role="alert">
      <p>{explain(i18n, error)}</p>
      <Button size="sm" onClick={() => void list.loadMore()}>
        {i18n.t('action.retry')}
      </Button>
    </div>
  );
}
