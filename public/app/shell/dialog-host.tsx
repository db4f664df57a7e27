import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { DialogName, DialogOf } from '../state/dialogs.ts';
import { HeldFocus } from './held-focus.tsx';
import { lazy } from './lazy.tsx';

export interface DialogProps<Name extends DialogName> {
  readonly request: DialogOf<Name>;
  readonly onClose: () => void;
}

/** A dialog is not there until it can be shown whole; what cannot be fetched leaves the page as it is. */
function dialog<Name extends DialogName>(load: () => Promise<ComponentType<DialogProps<Name>>>): ComponentType<DialogProps<Name>> {
  return lazy(load, HeldFocus, Failed);
}

function Failed({ onClose }: { readonly onClose: () => void }) {
  const { i18n, toasts } = useApp();
  useEffect(() => {
    const action = { label: i18n.t('lazy.reload'), onSelect: () => location.reload() };
    toasts.add({ text: i18n.t('lazy.failed'), tone: 'danger', action, key: 'lazy.failed' });
    onClose();
  }, []);
  return null;
}

/** What draws each dialog; fetched when it is asked for, so that the first page does not carry it. */
const dialogs: { readonly [Name in DialogName]?: ComponentType<DialogProps<Name>> } = {
  share: dialog(async () => (await import('../share/share-dialog.tsx')).ShareDialog),
  print: dialog(async () => (await import('../share/print-dialog.tsx')).PrintDialog),
  palette: dialog(async () => (await import('../palette/palette-dialog.tsx')).PaletteDialog),
  shortcuts: dialog(async () => (await import('../palette/shortcuts-dialog.tsx')).ShortcutsDialog),
  prompts: dialog(async () => (await import('../library/prompts-dialog.tsx')).PromptsDialog),
  folder: dialog(async () => (await import('../library/folder-dialogs.tsx')).FolderDialog),
  'delete-folder': dialog(async () => (await import('../library/folder-dialogs.tsx')).DeleteFolderDialog),
  'delete-temporary': dialog(async () => (await import('../library/folder-dialogs.tsx')).DeleteTemporaryDialog),
  'chat-settings': dialog(async () => (await import('../surface/chat-settings-dialog.tsx')).ChatSettingsDialog),
  readme: dialog(async () => (await import('../surface/readme-dialog.tsx')).ReadmeDialog),
  compare: dialog(async () => (await import('../compare/compare-answers.tsx')).CompareAnswers),
};

/** Shows the dialog that was asked for, wherever on the page that was. */
export function DialogHost() {
  const { dialogs: asked } = useApp();
  const request = asked.current.value;
  if (request === null) return null;
  return <Shown request={request} onClose={() => asked.close()} />;
}

function Shown<Name extends DialogName>({ request, onClose }: DialogProps<Name>) {
  const name: Name = request.name;
  const Dialog: ComponentType<DialogProps<Name>> | undefined = dialogs[name];
  return Dialog === undefined ? null : <Dialog key={name} request={request} onClose={onClose} />;
}
