import type { Page } from 'playwright-core';
import english from '../../../public/locales/en.json' with { type: 'json' };
import englishPages from '../../../public/locales/pages/en.json' with { type: 'json' };

/** Elements whose content may be wider than they are: they scroll or cut by themselves. */
const ownScrollers = 'pre, [role="tablist"], .md-table, [class*="table"], .visually-hidden, [inert], .sidebar, dialog:not([open])';

/**
 * What sticks out of the window sideways: the page, the column of messages, or single elements that nothing scrolls.
 * @returns descriptions; none when everything fits
 */
export function sideways(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = [];
    const root = document.scrollingElement;
    if (root.scrollWidth > innerWidth) found.push('page: ' + root.scrollWidth + ' > ' + innerWidth);
    for (const scroller of document.querySelectorAll('.chat-scroll, .auth-page, .ui-dialog-body, .page')) {
      if (scroller.scrollWidth > scroller.clientWidth + 1) found.push(scroller.className + ': ' + scroller.scrollWidth + ' > ' + scroller.clientWidth);
    }
    for (const element of document.body.querySelectorAll('*')) {
      if (!element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue;
      if (element.parentElement.closest(${JSON.stringify(ownScrollers)}) || element.matches('.visually-hidden, .skip-link, .skip-link *, .sidebar, svg *')) continue;
      const box = element.getBoundingClientRect();
      if (box.width > 0 && box.height > 0 && (box.left < -1 || box.right > innerWidth + 1)) {
        found.push(element.tagName.toLowerCase() + '.' + element.className + ': ' + Math.round(box.left) + ' to ' + Math.round(box.right));
      }
    }
    return found.slice(0, 5);
  })()`);
}

/** Texts and names on the page that are keys of the dictionary instead of words. */
export async function rawKeys(page: Page): Promise<string[]> {
  const words = await page.evaluate<string>(`[
    document.title, document.body.innerText,
    ...[...document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')].flatMap((element) =>
      ['aria-label', 'title', 'placeholder', 'alt'].map((name) => element.getAttribute(name) ?? '')),
  ].join('\\n')`);
  const keys = new Set(
    [...Object.keys(english), ...Object.keys(englishPages)].map((key) => key.replace(/\.(zero|one|two|few|many|other)$/, '')),
  );
  return words.split(/\s+/).filter((word) => keys.has(word) || /^\{\w+\}$/.test(word));
}

/** A small check of what assistive tools need. @returns what is wrong */
export function accessibilityProblems(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = [];
    const shown = (element) => element.checkVisibility({ checkVisibilityCSS: true }) && !element.closest('[inert]');
    const say = (what, element) => found.push(what + ': ' + element.outerHTML.slice(0, 120));
    const refers = (element, name) => (element.getAttribute(name) ?? '').split(/\\s+/).filter(Boolean);
    const nameOf = (element) =>
      element.getAttribute('aria-label') ||
      refers(element, 'aria-labelledby').map((id) => document.getElementById(id)?.textContent ?? '').join(' ') ||
      [...(element.labels ?? [])].map((label) => label.textContent).join(' ') ||
      (element.matches('input, textarea, select') ? '' : element.textContent) ||
      [...element.querySelectorAll('img[alt], [aria-label]')].map((child) => child.getAttribute('alt') ?? child.getAttribute('aria-label')).join(' ');
    const controls = 'button, a[href], input, textarea, select, summary, [role=button], [role=option], [role=menuitem], [role=menuitemradio], dialog[open], [role=listbox], [role=group], nav, aside, form[aria-label], main';
    const named = (element) => nameOf(element).trim() !== '';
    for (const element of document.querySelectorAll(controls)) if (shown(element) && !element.matches('main') && !named(element)) say('no name', element);
    for (const image of document.querySelectorAll('img')) if (shown(image) && !image.hasAttribute('alt')) say('no alt', image);
    for (const element of document.querySelectorAll('[aria-controls], [aria-labelledby], [aria-describedby], [aria-activedescendant]')) {
      if (!shown(element)) continue;
      for (const attribute of ['aria-controls', 'aria-labelledby', 'aria-describedby', 'aria-activedescendant']) {
        for (const id of refers(element, attribute)) if (document.getElementById(id) === null) say(attribute + ' leads nowhere', element);
      }
    }
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push('id twice: ' + id);
    for (const element of document.querySelectorAll('[tabindex]')) if (element.tabIndex > 0) say('positive tabindex', element);
    for (const [selector, count] of [['main', 1], ['h1', 1]]) {
      const here = [...document.querySelectorAll(selector)].filter(shown).length;
      if (here !== count) found.push(selector + ': ' + here);
    }
    if (document.documentElement.lang === '' || document.title === '') found.push('no language or title');
    return found;
  })()`);
}

/** True when the focused element looks different from when it is not focused. */
export function focusIsVisible(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const element = document.activeElement;
    const look = () => {
      for (const animation of document.getAnimations()) if (animation.effect?.getTiming().iterations !== Infinity) animation.finish();
      const near = [element, element.parentElement, element.parentElement?.parentElement, element.parentElement?.parentElement?.parentElement];
      return JSON.stringify(near.filter(Boolean).map((one) => {
        const { outline, boxShadow, borderColor, backgroundColor, textDecorationLine, color } = getComputedStyle(one);
        return [outline, boxShadow, borderColor, backgroundColor, textDecorationLine, color];
      }));
    };
    if (element === null || element === document.body) return false;
    const focused = look();
    element.blur();
    const blurred = look();
    element.focus({ focusVisible: true });
    return focused !== blurred;
  })()`);
}

/**
 * What cannot be told from its background where the person's own colours hold (`forced-colors`): icons and words below 3:1, fields and buttons
 * without an edge, selects without an arrow.
 */
export function lostInForcedColors(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = [];
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const probe = document.body.appendChild(document.createElement('span'));
    probe.style.backgroundColor = 'Canvas';
    const ground = getComputedStyle(probe).backgroundColor;
    probe.remove();
    const luminance = (colour) => {
      const [r, g, b] = rgba(colour).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at);
        if (rgba(backgroundColor)[3] > 127) return backgroundColor;
      }
      return ground;
    };
    const contrast = (colour, ground) => {
      const [light, dark] = [luminance(colour), luminance(ground)].sort((a, b) => b - a);
      return (light + 0.05) / (dark + 0.05);
    };
    const say = (what, element) => found.push(what + ': ' + element.outerHTML.slice(0, 120));
    const shown = (element) =>
      element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && !element.closest('[inert], :disabled, .visually-hidden, .skip-link');
    for (const element of document.querySelectorAll('.ui-icon, button, a, p, h1, h2, h3, label, summary')) {
      if (!shown(element)) continue;
      const ratio = contrast(getComputedStyle(element).color, behind(element));
      if (ratio < 3) say(ratio.toFixed(1) + ':1', element);
    }
    const edged = (element) => {
      const { borderBlockEndWidth, borderBlockEndColor, borderBlockEndStyle } = getComputedStyle(element);
      const drawn = parseFloat(borderBlockEndWidth) > 0 && borderBlockEndStyle !== 'none';
      return drawn && contrast(borderBlockEndColor, behind(element.parentElement)) >= 3;
    };
    for (const element of document.querySelectorAll('.ui-button, .ui-icon-button, textarea, select, input:not([type=hidden], [type=file], [type=radio], [type=checkbox], [type=range])')) {
      if (shown(element) && ![element, element.parentElement, element.parentElement.parentElement].some(edged)) say('no edge', element);
    }
    for (const element of document.querySelectorAll('select')) {
      if (shown(element) && getComputedStyle(element).appearance === 'none') say('no arrow', element);
    }
    return found;
  })()`);
}
