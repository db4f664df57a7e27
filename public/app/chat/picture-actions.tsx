import { useApp } from '../app-context.ts';
import type { PictureFile } from '../state/pending-jobs.ts';
import { inWords } from '../state/plugin-words.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName, iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';

export interface PictureActionsProps {
  readonly file: PictureFile;
  /** Where the result goes; without one it is found in the gallery. */
  readonly conversationId: string | undefined;
  /** Something was chosen that happens elsewhere: what covers it should go. */
  readonly onLeave?: () => void;
}

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly separated?: boolean;
  readonly onSelect: () => void;
}

/** What plugins do with it, and what the chat does. */
function useEntries({ file, conversationId, onLeave }: PictureActionsProps): { readonly work: readonly Entry[]; readonly attach: Entry } {
  const { state, i18n, actions } = useApp();
  const then = (work: () => void) => () => {
    onLeave?.();
    work();
  };
  const offered = state.plugins.pictureActions.value.map((action) => ({
    id: action.id,
    label: inWords(i18n, action.title),
    icon: iconFrom(action.icon, 'sparkle'),
    onSelect: then(() => actions.jobs.runAction(action, { file, conversationId })),
  }));
  const more = {
    id: 'more',
    label: i18n.t('picture.more'),
    icon: 'settings' as const,
    onSelect: then(() => actions.jobs.choose({ files: [file], conversationId })),
  };
  const work = [...offered, ...(state.plugins.onePicture.value.length === 0 ? [] : [more])];
  const attach: Entry = {
    id: 'attach',
    label: i18n.t('picture.attach'),
    icon: 'paperclip',
    separated: work.length > 0,
    onSelect: then(() => actions.jobs.attach(file)),
  };
  return { work, attach };
}

/** A small button on a picture with what can be done with it. */
export function PictureMenu(props: PictureActionsProps) {
  const { i18n } = useApp();
  const { file } = props;
  const { work, attach } = useEntries(props);
  const label = i18n.t('picture.actions', { name: file.name ?? i18n.t('picture.unnamed') });
  const download = {
    id: 'download',
    label: i18n.t('action.download'),
    icon: 'download' as const,
    onSelect: () => downloadPicture(file),
  };
  return (
    <span class="picture-menu">
      <Menu
        label={label}
        align="end"
        items={[...work, attach, download]}
        trigger={(menu) => <IconButton {...menu} icon="wand" size="sm" label={label} tooltip="none" />}
      />
    </span>
  );
}

/** The same in one row below a large picture. */
export function PictureToolbar(props: PictureActionsProps) {
  const { i18n } = useApp();
  const { file } = props;
  const { work, attach } = useEntries(props);
  const label = i18n.t('picture.actions', { name: file.name ?? i18n.t('picture.unnamed') });
  return (
    <div class="picture-tools" role="group" aria-label={label}>
      {work.length === 0 ? null : (
        <Menu
          label={label}
          items={work}
          trigger={(menu) => (
            <Button {...menu} size="sm" icon="wand">
              {i18n.t('work.title')}
            </Button>
          )}
        />
      )}
      <Button size="sm" icon={attach.icon} onClick={attach.onSelect}>
        {attach.label}
      </Button>
      <a class="ui-button" data-variant="secondary" data-size="sm" href={file.url} download={file.name ?? ''}>
        <Icon name="download" size="sm" />
        {i18n.t('action.download')}
      </a>
    </div>
  );
}

function downloadPicture({ url, name }: PictureFile): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name ?? '';
  link.click();
}
