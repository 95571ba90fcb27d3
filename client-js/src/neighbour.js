/** Finds another place for the focus when the element that had it is gone: what took its place, or is nearest to it. */

const FOCUSABLE =
  'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]';

/** @param {import('./focus.js').Spots} spots */
export function focusNear(spots) {
  const isLost = () => document.activeElement === document.body;
  if (!isLost()) return;
  spots
    .flatMap(([at, before, after]) =>
      at.isConnected
        ? at
        : before?.isConnected
          ? [before.nextElementSibling, before]
          : after?.isConnected
            ? [after.previousElementSibling, after]
            : [],
    )
    .flatMap((spot) => (spot ? [spot, ...spot.querySelectorAll(FOCUSABLE)] : []))
    .find((spot) => {
      spot.focus({ preventScroll: true });
      return !isLost();
    });
}
