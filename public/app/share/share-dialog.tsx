import '../../styles/share.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Share } from '../../../src/protocol/library-shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { useSubmit } from '../auth/use-submit.ts';
import { useCopy } from '../chat/use-copy.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import { createShares, type Shares } from '../state/shares.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { linkOf, ShareList } from './share-list.tsx';

/** Gives a frozen copy of a conversation a link, shows the link, and those that were given before. */
export function ShareDialog({ request, onClose }: DialogProps<'share'>) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const { conversationId, messageId } = request;
  const shares = useMemo(() => createShares({ rest: state.rest, conversationId }), [conversationId]);
  const [made, setMade] = useState<Share | null>(null);
  useEffect(() => {
    void shares.list.load();
    return () => shares.list.stop();
  }, [shares]);
  const earlier = shares.list.view.value.items.filter(({ id }) => id !== made?.id);
  const gone = made !== null && !shares.list.view.value.items.some(({ id }) => id === made.id);
  return (
    <Dialog open onClose={onClose} title={t('share.title')} closeLabel={t('action.close')}>
      <div class="share">
        <p class="share-lead">{t(messageId === undefined ? 'share.lead' : 'share.leadUpTo')}</p>
        {made === null || gone ? (
          <ShareForm conversationId={conversationId} messageId={messageId} shares={shares} onMade={setMade} />
        ) : (
          <MadeLink share={made} />
        )}
        {earlier.length === 0 ? null : (
          <section class="share-earlier" aria-labelledby="share-earlier">
            <h3 id="share-earlier">{t('share.earlier')}</h3>
            <ShareList shares={shares} items={earlier} />
          </section>
        )}
      </div>
    </Dialog>
  );
}

interface ShareFormProps {
  readonly conversationId: string;
  readonly messageId: string | undefined;
  readonly shares: Shares;
  readonly onMade: (share: Share) => void;
}

function ShareForm({ conversationId, messageId, shares, onMade }: ShareFormProps) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const session = state.session.value.value;
  const [title, setTitle] = useState(state.conversations.get(conversationId)?.title ?? '');
  const [named, setNamed] = useState(false);
  const [details, setDetails] = useState(false);
  const { busy, error, submit } = useSubmit(async () => {
    const wanted = title.trim();
    onMade(
      await shares.create(conversationId, {
        ...(messageId === undefined ? {} : { messageId }),
        ...(wanted === '' ? {} : { title: wanted }),
        ...{ named, details },
      }),
    );
  });
  const name = session.state === 'signed-in' ? session.user.name : '';
  return (
    <form class="share-form" onSubmit={submit}>
      <TextField
        label={t('share.name')}
        value={title}
        maxLength={200}
        dir="auto"
        placeholder={t('conversation.untitled')}
        onInput={(event) => setTitle(event.currentTarget.value)}
      />
      <Choice checked={named} label={t('share.named')} hint={t('share.namedHint', { name })} onChange={setNamed} />
      <Choice checked={details} label={t('share.details')} hint={t('share.detailsHint')} onChange={setDetails} />
      {error === null ? null : (
        <p class="form-error" role="alert">
          {explain(i18n, error)}
        </p>
      )}
      <Button type="submit" variant="primary" icon="share" busy={busy} block>
        {t('share.create')}
      </Button>
    </form>
  );
}

interface ChoiceProps {
  readonly checked: boolean;
  readonly label: string;
  readonly hint: string;
  readonly onChange: (checked: boolean) => void;
}

function Choice({ checked, label, hint, onChange }: ChoiceProps) {
  return (
    <label class="check-row">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        <small>{hint}</small>
      </span>
    </label>
  );
}

/** All of it, with its beginning in sight: that is where one sees what it is. */
function choose(field: HTMLInputElement): void {
  field.select();
  requestAnimationFrame(() => {
    field.scrollLeft = 0;
  });
}

/** The link, chosen whole and ready to be copied. */
function MadeLink({ share }: { readonly share: Share }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { copied, copy } = useCopy();
  const field = useRef<HTMLInputElement>(null);
  const link = linkOf(share);
  useEffect(() => {
    field.current?.focus();
  }, [link]);
  return (
    <div class="share-made" role="group" aria-label={t('share.ready')}>
      <p class="share-ready" role="status">
        {t('share.ready')}
      </p>
      <div class="share-link">
        <TextField
          label={t('share.link')}
          type="url"
          readOnly
          value={link}
          inputRef={field}
          onFocus={(event) => choose(event.currentTarget)}
        />
        <Button variant="primary" icon={copied ? 'check' : 'copy'} onClick={() => copy(link)}>
          {t(copied ? 'action.copied' : 'share.copy')}
        </Button>
      </div>
      <div class="share-more">
        {typeof navigator.share === 'function' ? (
          <Button size="sm" icon="share" onClick={() => void navigator.share({ title: share.title, url: link }).catch(() => {})}>
            {t('share.send')}
          </Button>
        ) : null}
        <a class="ui-button" data-variant="secondary" data-size="sm" href={share.path} target="_blank" rel="noopener">
          {t('share.look')}
        </a>
      </div>
    </div>
  );
}
