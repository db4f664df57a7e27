import type { ComponentType } from 'preact';
import { useApp } from '../app-context.ts';
import type { DialogName, DialogOf } from '../state/dialogs.ts';
import { lazy } from './lazy.tsx';

export interface DialogProps<Name extends DialogName> {
  readonly request: DialogOf<Name>;
  readonly onClose: () => void;
}

/** A dialog is not there until it can be shown whole. */
const Nothing = () => null;

/** What draws each dialog; made with `lazy`, so that the first page does not carry it. */
const dialogs: { readonly [Name in DialogName]?: ComponentType<DialogProps<Name>> } = {
  share: lazy(async () => (await import('../share/share-dialog.tsx')).ShareDialog, Nothing),
  print: lazy(async () => (await import('../share/print-dialog.tsx')).PrintDialog, Nothing),
  palette: lazy(async () => (await import('../palette/palette-dialog.tsx')).PaletteDialog, Nothing),
  shortcuts: lazy(async () => (await import('../palette/shortcuts-dialog.tsx')).ShortcutsDialog, Nothing),
  prompts: lazy(async () => (await import('../library/prompts-dialog.tsx')).PromptsDialog, Nothing),
  folder: lazy(async () => (await import('../library/folder-dialogs.tsx')).FolderDialog, Nothing),
  'delete-folder': lazy(async () => (await import('../library/folder-dialogs.tsx')).DeleteFolderDialog, Nothing),
  'delete-temporary': lazy(async () => (await import('../library/folder-dialogs.tsx')).DeleteTemporaryDialog, Nothing),
  'chat-settings': lazy(async () => (await import('../surface/chat-settings-dialog.tsx')).ChatSettingsDialog, Nothing),
  readme: lazy(async () => (await import('../surface/readme-dialog.tsx')).ReadmeDialog, Nothing),
  compare: lazy(async () => (await import('../compare/compare-answers.tsx')).CompareAnswers, Nothing),
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
