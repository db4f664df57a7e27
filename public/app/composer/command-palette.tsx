import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CommandInfo } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { matchCommands } from '../state/command-line.ts';
import { commandSummary } from './command-summary.ts';

export interface Palette {
  readonly open: boolean;
  readonly items: readonly CommandInfo[];
  readonly index: number;
  select(index: number): void;
  /** Puts the command into the text. @returns true when it needs nothing more and may run */
  take(index: number): boolean;
  /** @returns true when the key was for the palette */
  onKeyDown(event: KeyboardEvent, run: () => void): boolean;
}

/** The list of commands while the text begins with `/`: arrows move, Tab completes, Enter takes, Esc closes. */
export function usePalette(text: Signal<string>, commands: readonly CommandInfo[]): Palette {
  const chosen = useSignal(0);
  const closedFor = useSignal<string | null>(null);
  const items = matchCommands(text.value, commands);
  const open = items.length > 0 && closedFor.value !== text.value;
  const index = Math.min(chosen.value, Math.max(0, items.length - 1));
  useEffect(() => {
    chosen.value = 0;
  }, [text.value]);

  const take = (at: number) => {
    const command = items[at];
    if (command === undefined) return false;
    const complete = !command.args.some((arg) => arg.required);
    text.value = complete && command.args.length === 0 ? `/${command.name}` : `/${command.name} `;
    return complete;
  };
  const step = (by: number) => {
    chosen.value = (index + by + items.length) % items.length;
  };
  return {
    open,
    items,
    index,
    take,
    select: (at) => {
      chosen.value = at;
    },
    onKeyDown(event, run) {
      if (!open) return false;
      if (event.key === 'ArrowDown') step(1);
      else if (event.key === 'ArrowUp') step(-1);
      else if (event.key === 'Tab' && !event.shiftKey) take(index);
      else if (event.key === 'Escape') closedFor.value = text.value;
      else if (event.key === 'Enter' && !event.shiftKey) {
        if (take(index)) run();
      } else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

export interface CommandPaletteProps {
  readonly palette: Palette;
  readonly onChoose: () => void;
  readonly onRun: () => void;
}

export function CommandPalette({ palette, onChoose, onRun }: CommandPaletteProps) {
  const { i18n } = useApp();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [palette.index, palette.open]);
  if (!palette.open) return null;
  return (
    <ul ref={list} id="command-palette" class="palette" role="listbox" aria-label={i18n.t('composer.commands')}>
      {palette.items.map((command, index) => (
        <li
          key={command.name}
          id={`command-${command.name}`}
          class="palette-item"
          role="option"
          aria-selected={index === palette.index}
          onPointerMove={() => index !== palette.index && palette.select(index)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => {
            if (palette.take(index)) onRun();
            else onChoose();
          }}
        >
          <code class="palette-usage" dir="ltr">
            {command.usage}
          </code>
          <span class="palette-summary" dir="auto">
            {commandSummary(i18n, command)}
          </span>
        </li>
      ))}
    </ul>
  );
}
