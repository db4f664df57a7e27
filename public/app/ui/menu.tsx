import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** makes it a choice (menuitemradio) and shows a tick when true */
  readonly checked?: boolean;
  /** draws a line above */
  readonly separated?: boolean;
  readonly onSelect: () => void;
}

/** Spread these on the button that opens the menu. */
export interface MenuTriggerProps {
  readonly popovertarget: string;
  readonly 'aria-haspopup': 'menu';
  readonly 'aria-expanded': boolean;
}

export interface MenuProps {
  /** the menu's accessible name */
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** which edge of the trigger the menu keeps to; default 'start' */
  readonly align?: 'start' | 'end';
  readonly trigger: (props: MenuTriggerProps) => ComponentChildren;
}

const gapPx = 4;
const marginPx = 8;

/** Places the menu below its trigger, above it when there is no room, never outside the window. */
function place(menu: HTMLElement, trigger: Element, align: 'start' | 'end'): void {
  const anchor = trigger.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const atLeft = (align === 'start') === (getComputedStyle(menu).direction === 'ltr');
  const wantedX = atLeft ? anchor.left : anchor.right - box.width;
  const below = anchor.bottom + gapPx;
  const wantedY = below + box.height + marginPx <= window.innerHeight ? below : anchor.top - gapPx - box.height;
  menu.style.left = `${Math.max(marginPx, Math.min(wantedX, window.innerWidth - box.width - marginPx))}px`;
  menu.style.top = `${Math.max(marginPx, Math.min(wantedY, window.innerHeight - box.height - marginPx))}px`;
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('.ui-menu-item')];
}

/** The item that a key leads to, or undefined when the key means nothing here. */
function targetOf(key: string, items: readonly HTMLElement[], current: number): HTMLElement | undefined {
  const count = items.length;
  if (key === 'ArrowDown') return items[(current + 1) % count];
  if (key === 'ArrowUp') return items[(current - 1 + count) % count];
  if (key === 'Home') return items[0];
  if (key === 'End') return items[count - 1];
  if (Array.from(key).length !== 1 || key === ' ') return undefined;
  const wanted = key.toLocaleLowerCase();
  const order = [...items.slice(current + 1), ...items.slice(0, current + 1)];
  return order.find((item) => (item.textContent ?? '').trim().toLocaleLowerCase().startsWith(wanted));
}

function Item({ item, close }: { readonly item: MenuItem; readonly close: () => void }) {
  return (
    <button
      type="button"
      class="ui-menu-item"
      role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={item.checked}
      aria-disabled={item.disabled ? 'true' : undefined}
      data-danger={item.danger ? '' : undefined}
      tabIndex={-1}
      onClick={() => {
        if (item.disabled) return;
        close();
        item.onSelect();
      }}
    >
      {item.icon === undefined ? null : <Icon name={item.icon} />}
      <span class="ui-menu-text">
        <span dir="auto">{item.label}</span>
        {item.hint === undefined ? null : (
          <span class="ui-menu-hint" dir="auto">
            {item.hint}
          </span>
        )}
      </span>
      {item.checked ? <Icon name="check" size="sm" /> : null}
    </button>
  );
}

/**
 * A menu in the browser's top layer (popover), so no scroller clips it; Esc and a click elsewhere close it.
 * Arrows, Home, End and first letters move, Tab closes. Positions are set through the CSSOM, which the page's CSP allows.
 */
export function Menu({ label, items, align = 'start', trigger }: MenuProps) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = (): void => menu.current?.hidePopover();

  function onToggle(event: { readonly newState: string }): void {
    const opened = event.newState === 'open';
    setOpen(opened);
    const element = menu.current;
    const anchor = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`);
    if (!opened || element === null || anchor === null) return;
    place(element, anchor, align);
    const all = itemsOf(element);
    // Where everything is one choice, its present value; in a menu of different things, the first of them.
    const choice = all.every((item) => item.role === 'menuitemradio') ? all.find((item) => item.ariaChecked === 'true') : undefined;
    (choice ?? all[0])?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const element = menu.current;
    if (element === null) return;
    if (event.key === 'Tab') return close();
    const all = itemsOf(element);
    const current = all.findIndex((item) => item === document.activeElement);
    const target = all.length === 0 ? undefined : targetOf(event.key, all, current);
    if (target === undefined) return;
    event.preventDefault();
    target.focus();
  }

  return (
    <>
      {trigger({ popovertarget: id, 'aria-haspopup': 'menu', 'aria-expanded': open })}
      <div ref={menu} id={id} class="ui-menu" popover="auto" role="menu" aria-label={label} onToggle={onToggle} onKeyDown={onKeyDown}>
        {items.map((item) => (
          <div key={item.id} role="none">
            {item.separated ? <div class="ui-menu-separator" role="separator" /> : null}
            <Item item={item} close={close} />
          </div>
        ))}
      </div>
    </>
  );
}
