/**
 * The keys of tabs and menus, as the ARIA Authoring Practices have them, and where a menu opens. Loaded when a page first has some; knows
 * nothing of the rest of the client.
 */
import { isElement, listen } from './dom.js';

/** Of a menu to its button, and to the edge of the window. */
const GAP_PX = 4;

/** The items of a list that can be gone to. @param {Element} list @param {string} role @returns {HTMLElement[]} */
const itemsOf = (list, role) =>
  [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(`[role="${role}"]`))].filter(
    (item) => item.closest('[role="tablist"],[role="menu"]') === list && !item.matches(':disabled'),
  );

/** Where a key leads from an item. @param {HTMLElement[]} items @param {number} at @param {string} key @param {[string, string]} arrows back, and on */
function next(items, at, key, [back, on]) {
  const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: -1 }[key];
  return to === undefined ? undefined : items.at(to % items.length);
}

/** @param {KeyboardEvent} event */
function press(event) {
  const { key, target } = event;
  if (
    !isElement(target) ||
    event.defaultPrevented ||
    event.ctrlKey ||
    event.altKey ||
    event.metaKey
  )
    return;
  const item = target.closest('[role="tab"],[role="menuitem"]');
  const list = item?.closest('[role="tablist"],[role="menu"]');
  if (list?.matches('[role="menu"]')) pressInMenu(event, /** @type {HTMLElement} */ (list), item);
  else if (list) {
    const items = itemsOf(list, 'tab');
    const isUpright = list.getAttribute('aria-orientation') === 'vertical';
    const isRightToLeft = getComputedStyle(list).direction === 'rtl';
    const arrows = isUpright ? 'ArrowUp ArrowDown' : 'ArrowLeft ArrowRight';
    const [back = '', on = ''] = arrows.split(' ');
    const at = items.indexOf(/** @type {HTMLElement} */ (item));
    const to = next(items, at, key, isRightToLeft && !isUpright ? [on, back] : [back, on]);
    if (!to) return;
    event.preventDefault();
    to.focus();
    // Shown at once: its panel is on the page, or comes with the answer.
    if (to !== item) to.click();
  } else if (/^Arrow(Up|Down)$/.test(key)) {
    const menu = menuOf(target);
    if (!menu) return;
    event.preventDefault();
    menu.showPopover();
    itemsOf(menu, 'menuitem')
      .at(key === 'ArrowUp' ? -1 : 0)
      ?.focus();
  }
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {Element | null} item */
function pressInMenu(event, menu, item) {
  const { key } = event;
  const items = itemsOf(menu, 'menuitem');
  const at = items.indexOf(/** @type {HTMLElement} */ (item));
  // Someone who goes on with Tab is done with it.
  if (key === 'Tab') return menu.hidePopover();
  let to = next(items, at, key, ['ArrowUp', 'ArrowDown']);
  if (!to && key.length === 1 && key !== ' ') {
    const letter = key.toLowerCase();
    to = [...items.slice(at + 1), ...items.slice(0, at + 1)].find((other) =>
      other.textContent?.trim().toLowerCase().startsWith(letter),
    );
  }
  if (!to) return;
  event.preventDefault();
  to.focus();
}

/** The menu that a button opens. @param {Element} target @returns {HTMLElement | null} */
function menuOf(target) {
  const id = target.closest('[popovertarget]')?.getAttribute('popovertarget');
  const menu = id ? document.getElementById(id) : null;
  return menu?.matches('[role="menu"][popover]') ? menu : null;
}

/** @param {Event} event */
function choose({ target }) {
  const item = isElement(target) ? target.closest('[role="menuitem"]') : null;
  const menu = item?.closest('[role="menu"][popover]:popover-open');
  if (menu) /** @type {HTMLElement} */ (menu).hidePopover();
}

/** @param {any} event */
function toggled({ target, newState }) {
  if (newState !== 'open' || !isElement(target) || !target.matches('[role="menu"][popover]'))
    return;
  const menu = /** @type {HTMLElement} */ (target);
  place(menu);
  if (!menu.contains(document.activeElement)) itemsOf(menu, 'menuitem')[0]?.focus();
}

/** Below its button, or above where there is more room. @param {HTMLElement} menu */
function place(menu) {
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height, style } = menu;
  const isBelow = at.bottom + GAP_PX + height <= innerHeight || at.top < innerHeight - at.bottom;
  const isRightToLeft = getComputedStyle(button).direction === 'rtl';
  const left = isRightToLeft ? at.right - width : at.left;
  style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
  style.top = `${Math.max(GAP_PX, isBelow ? at.bottom + GAP_PX : at.top - GAP_PX - height)}px`;
}

listen(document, 'keydown', press);
listen(document, 'click', choose);
listen(document, 'toggle', toggled, true);
