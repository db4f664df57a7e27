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

function useEntries({ file, conversationId, onLeave }: PictureActionsProps): readonly Entry[] {
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
  return [
    ...offered,
    ...(state.plugins.onePicture.value.length === 0 ? [] : [more]),
    {
      id: 'attach',
      label: i18n.t('picture.attach'),
      icon: 'paperclip',
      separated: offered.length > 0,
      onSelect: then(() => actions.jobs.attach(file)),
    },
  ];
}

/** A small button on a picture with what can be done with it. */
export function PictureMenu(props: PictureActionsProps) {
  const { i18n } = useApp();
  const { file } = props;
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
        items={[...useEntries(props), download]}
        trigger={(menu) => <IconButton {...menu} icon="wand" size="sm" label={label} tooltip="none" />}
      />
    </span>
  );
}

/** The same as a row of buttons, where there is room. */
export function PictureToolbar(props: PictureActionsProps) {
  const { i18n } = useApp();
  const { file } = props;
  return (
    <div class="picture-tools" role="group" aria-label={i18n.t('picture.actions', { name: file.name ?? i18n.t('picture.unnamed') })}>
      {useEntries(props).map(({ id, label, icon, onSelect }) => (
        <Button key={id} size="sm" icon={icon} onClick={onSelect}>
          {label}
        </Button>
      ))}
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
