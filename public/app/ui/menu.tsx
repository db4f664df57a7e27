import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
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
  /** Takes the place of the menu's items when it is chosen, with a way back; `onSelect` is not called then. */
  readonly items?: readonly MenuItem[];
  readonly onSelect?: () => void;
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
  /** A function is asked when the menu opens: a list of a thousand rows makes no item before. */
  readonly items: readonly MenuItem[] | (() => readonly MenuItem[]);
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

interface ItemProps {
  readonly item: MenuItem;
  /** The way back out of items that took the place of others. */
  readonly back?: boolean;
  readonly onChoose: (item: MenuItem) => void;
}

function Item({ item, back = false, onChoose }: ItemProps) {
  const { items, icon, checked } = item;
  return (
    <button
      type="button"
      class="ui-menu-item"
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={checked}
      aria-disabled={item.disabled ? 'true' : undefined}
      aria-haspopup={items === undefined ? undefined : 'menu'}
      data-danger={item.danger ? '' : undefined}
      data-back={back ? '' : undefined}
      tabIndex={-1}
      onClick={() => !item.disabled && onChoose(item)}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      <span class="ui-menu-text">
        <span dir="auto">{item.label}</span>
        {item.hint === undefined ? null : (
          <span class="ui-menu-hint page-side" dir="auto">
            {item.hint}
          </span>
        )}
      </span>
      {checked ? <Icon name="check" size="sm" /> : null}
      {items === undefined ? null : <Icon name="chevron-right" size="sm" />}
    </button>
  );
}

/** Into items, and out of them again: along the line of text. */
function turnOf(key: string, element: HTMLElement): 'in' | 'out' | undefined {
  if (key !== 'ArrowRight' && key !== 'ArrowLeft') return undefined;
  return (key === 'ArrowRight') === (getComputedStyle(element).direction === 'ltr') ? 'in' : 'out';
}

/**
 * A menu in the browser's top layer (popover), so no scroller clips it; Esc and a click elsewhere close it.
 * Arrows, Home, End and first letters move, Tab closes. Positions are set through the CSSOM, which the page's CSP allows.
 */
export function Menu({ label, items, align = 'start', trigger }: MenuProps) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  /** The item whose own items are shown. */
  const [inside, setInside] = useState<string | null>(null);
  const entered = useRef<string | null>(null);
  const all = !open ? [] : typeof items === 'function' ? items() : items;
  const parent = all.find((item) => item.id === inside);
  const shown = parent?.items ?? all;

  function settle(): void {
    const element = menu.current;
    const anchor = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`);
    if (element !== null && anchor !== null) place(element, anchor, align);
  }

  // Other items are of another height; the focus goes to the first of them, or back to where it came from.
  useLayoutEffect(() => {
    const element = menu.current;
    if (element === null || !element.matches(':popover-open')) return;
    settle();
    const buttons = itemsOf(element);
    const left =
      entered.current === null ? undefined : element.querySelector<HTMLElement>(`[data-item="${CSS.escape(entered.current)}"] button`);
    const chosen = buttons.find((button) => button.ariaChecked === 'true');
    (inside === null ? left : (chosen ?? buttons[1] ?? buttons[0]))?.focus();
    entered.current = inside;
  }, [inside]);

  function onToggle(event: { readonly newState: string }): void {
    const element = menu.current;
    if (event.newState !== 'open') {
      entered.current = null;
      setInside(null);
      return setOpen(false);
    }
    if (element === null) return;
    settle();
    const buttons = itemsOf(element);
    // Where everything is one choice, its present value; in a menu of different things, the first of them.
    const choice = buttons.every((item) => item.role === 'menuitemradio') ? buttons.find((item) => item.ariaChecked === 'true') : undefined;
    (choice ?? buttons[0])?.focus();
  }

  function choose(item: MenuItem): void {
    if (item.items !== undefined) return setInside(item.id);
    menu.current?.hidePopover();
    item.onSelect?.();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const element = menu.current;
    if (element === null) return;
    if (event.key === 'Tab') return element.hidePopover();
    const buttons = itemsOf(element);
    const current = buttons.findIndex((item) => item === document.activeElement);
    const turn = turnOf(event.key, element);
    if (turn === 'in' && buttons[current]?.ariaHasPopup === 'menu') buttons[current].click();
    else if (turn === 'out' && parent !== undefined) setInside(null);
    else {
      const target = buttons.length === 0 ? undefined : targetOf(event.key, buttons, current);
      if (target === undefined) return;
      target.focus();
    }
    event.preventDefault();
  }

  return (
    <>
      {trigger({ popovertarget: id, 'aria-haspopup': 'menu', 'aria-expanded': open })}
      <div
        ref={menu}
        id={id}
        class="ui-menu"
        popover="auto"
        role="menu"
        aria-label={label}
        onBeforeToggle={(event) => event.newState === 'open' && setOpen(true)}
        onToggle={onToggle}
        onKeyDown={onKeyDown}
      >
        {parent === undefined ? null : (
          <Item back item={{ id: 'back', label: parent.label, icon: 'chevron-left' }} onChoose={() => setInside(null)} />
        )}
        {shown.map((item) => (
          <div key={item.id} role="none" data-item={item.id}>
            {item.separated ? <div class="ui-menu-separator" role="separator" /> : null}
            <Item item={item} onChoose={choose} />
          </div>
        ))}
      </div>
    </>
  );
}
