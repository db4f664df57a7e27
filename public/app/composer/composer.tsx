import type { Signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { later } from '../shell/later.tsx';
import { ModeSlot } from '../shell/surface-slots.tsx';
import { isCommandText, isSecretCommand, parseCommandLine } from '../state/command-line.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { AttachmentTray } from './attachment-tray.tsx';
import { CommandPalette, usePalette } from './command-palette.tsx';
import { ComposerHint } from './composer-hint.tsx';
import { fieldDirection } from './field-direction.ts';
import { SecretForm } from './secret-form.tsx';
import { SendButtons } from './send-buttons.tsx';
import { coarse, isComposing, isSendKey } from './send-key.ts';
import { TemporaryNote, TemporaryToggle } from './temporary-note.tsx';
import { useAttach } from './use-attach.ts';
import { useAutoGrow } from './use-auto-grow.ts';
import { useComposerState } from './use-composer-state.ts';
import { useInserted } from './use-inserted.ts';

export interface ComposerProps {
  readonly user: User;
  readonly conversationId: string | null;
  readonly text: Signal<string>;
  readonly onSent: () => void;
}

/** Send takes the place of Stop: the second click of a double click on Stop shall send nothing. */
const doubleClickMs = 500;

/** How full the model's window is, speaking instead of typing, quoting what is selected. */
const ComposerExtras = later(async () => (await import('./composer-extras.tsx')).ComposerExtras);

/** Where a message is written: text, pictures, slash commands. */
export function Composer({ user, conversationId, text, onSent }: ComposerProps) {
  const { state, i18n, actions, dialogs } = useApp();
  const { t } = i18n;
  const field = useRef<HTMLTextAreaElement>(null);
  useAutoGrow(field, text.value);
  const facts = useComposerState(conversationId, text);
  const attach = useAttach(conversationId ?? '');
  const commands = state.settings.info.value?.commands ?? [];
  const palette = usePalette(text, commands);
  const [nudged, setNudged] = useState(false);
  const stoppedAt = useRef(Number.NEGATIVE_INFINITY);
  useInserted(field, text);

  useEffect(() => {
    if (!coarse()) field.current?.focus();
  }, []);
  // With the drawing of the key, not after the next frame: a quick reload would lose the last words.
  useLayoutEffect(() => state.drafts.write(user.id, conversationId, text.value), [text.value, conversationId]);
  useLayoutEffect(
    () =>
      state.drafts.follow(conversationId, (words) => {
        text.value = words;
      }),
    [conversationId],
  );
  useEffect(() => setNudged(false), [text.value, facts.running]);

  const secret = secretCommand(text.value, commands);
  if (secret !== null) return <SecretForm command={secret} text={text} />;

  const submit = () => {
    const value = text.peek();
    const command = parseCommandLine(value);
    if (command !== null && state.plugins.hasCommand(command.name) && (facts.uploading || facts.failedFiles)) {
      // Its pictures go along.
      setNudged(true);
      return;
    }
    if (command !== null) {
      actions.runCommand(command.name, command.args);
      text.value = '';
    } else if (isCommandText(value)) {
      // A slash alone names no command, and is no message either.
      return;
    } else if (!facts.canSend) {
      setNudged(true);
      return;
    } else if (actions.send(value.trim())) text.value = '';
    onSent();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || palette.onKeyDown(event, submit)) return;
    if (!isSendKey(event)) return;
    event.preventDefault();
    submit();
  };

  return (
    <form
      class="composer"
      aria-label={t('composer.label')}
      onSubmit={(event) => {
        event.preventDefault();
        if (event.timeStamp - stoppedAt.current > doubleClickMs) submit();
      }}
    >
      <CommandPalette palette={palette} onChoose={() => field.current?.focus()} onRun={submit} />
      <TemporaryNote conversationId={conversationId} />
      <div class="composer-box">
        <AttachmentTray scope={conversationId ?? ''} />
        <textarea
          ref={field}
          id="composer"
          class="composer-input grow"
          dir={fieldDirection(text.value)}
          rows={1}
          value={text.value}
          placeholder={t('composer.placeholder')}
          aria-label={t('composer.placeholder')}
          aria-controls={palette.open ? 'command-palette' : undefined}
          aria-activedescendant={palette.open ? `command-${palette.items[palette.index]?.name ?? ''}` : undefined}
          enterkeyhint={coarse() ? 'enter' : 'send'}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
          onKeyDown={onKeyDown}
          onBlur={() => state.drafts.flush()}
          onPaste={attach.onPaste}
        />
        <div class="composer-bar">
          <input
            ref={attach.input}
            id="composer-files"
            type="file"
            hidden
            accept="image/png,image/jpeg,image/webp,image/gif"
            multiple
            onChange={attach.onChange}
          />
          <IconButton icon="paperclip" label={t('composer.attach')} tooltipAlign="start" onClick={attach.choose} />
          <IconButton
            icon="command"
            class="composer-slash"
            label={t('composer.commands')}
            // A command begins a text; what is typed already must not give way to it.
            disabled={text.value.trim() !== '' && !text.value.startsWith('/')}
            onClick={() => {
              if (text.value.trim() === '') text.value = '/';
              field.current?.focus();
            }}
          />
          <IconButton icon="book" label={t('prompts.title')} onClick={() => dialogs.open({ name: 'prompts' })} />
          {conversationId === null ? <TemporaryToggle /> : null}
          <ModeSlot conversationId={conversationId} />
          <ComposerHint facts={facts} nudged={nudged} />
          <ComposerExtras conversationId={conversationId} text={text} />
          <SendButtons
            facts={facts}
            command={text.value.startsWith('/')}
            onStop={(at) => {
              stoppedAt.current = at;
              actions.stop();
              // The button goes away with the answer.
              if (!coarse()) field.current?.focus();
            }}
          />
        </div>
      </div>
    </form>
  );
}

/** The command whose form takes the place of the text, as soon as a password could be typed. */
function secretCommand(text: string, commands: Parameters<typeof isSecretCommand>[1]) {
  const line = parseCommandLine(text);
  if (line === null || !/\s/.test(text.trimStart()) || !isSecretCommand(line.name, commands)) return null;
  return commands.find((command) => command.name === line.name && command.args.length > 0) ?? null;
}
