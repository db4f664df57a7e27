import '../../styles/library.css';
import '../../styles/page.css';
import '../../styles/prompts.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Prompt } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import { createFavourites } from '../state/favourites.ts';
import { createPrompts } from '../state/prompts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { FavouriteList } from './favourite-list.tsx';
import { PromptForm } from './prompt-form.tsx';
import { PromptList } from './prompt-list.tsx';
import { VariablesForm } from './variables-form.tsx';

/** What the dialog shows: the lists, the form of one prompt (null: a new one), or the variables of one. */
export type PromptsView =
  | { readonly show: 'lists' }
  | { readonly show: 'edit'; readonly prompt: Prompt | null; readonly text?: string }
  | { readonly show: 'fill'; readonly prompt: Prompt };

const lists: PromptsView = { show: 'lists' };
type ListName = 'prompts' | 'favourites';

/** Prompts and favourite messages: written once, put into the composer with a click. */
export function PromptsDialog({ request, onClose }: DialogProps<'prompts'>) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const [view, setView] = useState<PromptsView>(() => firstView(request));
  const [list, setList] = useState<ListName>('prompts');
  const prompts = useMemo(() => createPrompts(state), []);
  const favourites = useMemo(() => createFavourites(state), []);
  useEffect(() => {
    void prompts.load();
    void favourites.list.load();
    const stop = state.connection.onFrame((frame) => {
      if (frame.type !== 'library.updated') return;
      if (frame.what === 'prompts') void prompts.load();
      if (frame.what === 'favourites') void favourites.list.load();
    });
    return () => {
      stop();
      prompts.stop();
      favourites.list.stop();
    };
  }, []);
  const back = () => (request.use === undefined ? setView(lists) : onClose());
  return (
    <Dialog open onClose={onClose} title={titleOf(view, t)} closeLabel={t('action.close')} steady={view.show === 'lists'}>
      {view.show === 'edit' ? (
        <PromptForm prompts={prompts} prompt={view.prompt} text={view.text ?? ''} onDone={() => setView(lists)} />
      ) : null}
      {view.show === 'fill' ? <VariablesForm prompt={view.prompt} onBack={back} /> : null}
      {view.show === 'lists' ? (
        <Tabs
          label={t('prompts.title')}
          tabs={[
            { id: 'prompts', label: t('prompts.tab') },
            { id: 'favourites', label: t('favourites.title') },
          ]}
          chosen={list}
          onChoose={setList}
        >
          {list === 'prompts' ? <PromptList prompts={prompts} onView={setView} /> : <FavouriteList favourites={favourites} />}
        </Tabs>
      ) : null}
    </Dialog>
  );
}

function firstView({ use, text }: DialogProps<'prompts'>['request']): PromptsView {
  if (use !== undefined) return { show: 'fill', prompt: use };
  return text === undefined ? lists : { show: 'edit', prompt: null, text };
}

function titleOf(view: PromptsView, t: (key: string) => string): string {
  if (view.show === 'fill') return view.prompt.title;
  if (view.show === 'edit') return t(view.prompt === null ? 'prompts.newTitle' : 'prompts.editTitle');
  return t('prompts.title');
}
