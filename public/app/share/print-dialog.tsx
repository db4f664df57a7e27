import '../../styles/print.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Conversation, Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import type { Rest } from '../state/rest.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { branchOf } from './branch-of.ts';
import { Reader } from './reader.tsx';

interface Printed {
  readonly title: string;
  readonly messages: readonly Message[];
}

/** Reads the whole branch, also what the page has not loaded, and hands it to the browser's print dialog. */
export function PrintDialog({ request, onClose }: DialogProps<'print'>) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const [printed, setPrinted] = useState<Printed | null>(null);
  const sheet = useRef<HTMLElement>(null);

  useEffect(() => {
    let here = true;
    readWhole(state.rest, request.conversationId, () => here).then(
      (whole) => here && setPrinted(whole),
      (cause: unknown) => {
        if (!here) return;
        actions.fail(cause);
        onClose();
      },
    );
    return () => {
      here = false;
    };
  }, [request.conversationId]);

  useEffect(() => {
    if (printed === null) return;
    let here = true;
    addEventListener('afterprint', onClose);
    void picturesOf(sheet.current).then(() => here && window.print());
    return () => {
      here = false;
      removeEventListener('afterprint', onClose);
    };
  }, [printed]);

  return (
    <>
      <Dialog open onClose={onClose} title={t('export.print')} closeLabel={t('action.close')} size="sm">
        <p class="print-waiting" role="status">
          <Spinner />
          <span>{t('print.preparing')}</span>
        </p>
      </Dialog>
      {printed === null ? null : (
        <section class="print-sheet" ref={sheet}>
          <header class="print-head">
            <h1 dir="auto">{printed.title || t('conversation.untitled')}</h1>
            <p>{t('print.printed', { date: i18n.date(new Date().toISOString(), { dateStyle: 'long', timeStyle: 'short' }) })}</p>
          </header>
          <Reader messages={printed.messages} whole />
        </section>
      )}
    </>
  );
}

const pageSize = 200;

async function readWhole(rest: Rest, id: string, wanted: () => boolean): Promise<Printed> {
  const { conversation } = await rest.get<{ conversation: Conversation }>(`/api/conversations/${id}`);
  const messages: Message[] = [];
  let before: string | null = null;
  do {
    const from: string = before === null ? '' : `&before=${encodeURIComponent(before)}`;
    const page: Page<Message> = await rest.get<Page<Message>>(`/api/conversations/${id}/messages?limit=${pageSize}${from}`);
    messages.push(...page.items);
    before = page.nextCursor;
  } while (before !== null && wanted());
  return { title: conversation.title, messages: branchOf(messages, conversation.headId) };
}

/** One that cannot be loaded must not keep the others from the paper. */
async function picturesOf(sheet: HTMLElement | null): Promise<void> {
  const pictures = [...(sheet?.querySelectorAll('img') ?? [])];
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
}
