/**
 * Takes away what is in a page for those who run no script, before the core reads it: a script of its own that stands before the core's, in pages
 * that have such. What carries `lf-post` goes, or gets the attributes back that this names; an empty one was not there.
 */
for (const element of document.querySelectorAll('[lf-post]')) {
  const before = element.getAttribute('lf-post');
  if (!before) element.remove();
  for (const [name, value] of new URLSearchParams(before ?? '')) {
    if (value) element.setAttribute(name, value);
    else element.removeAttribute(name);
  }
}
