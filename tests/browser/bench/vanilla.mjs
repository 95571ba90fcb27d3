/**
 * The table of js-framework-benchmark in hand-written JavaScript, as fast as one writes it: a row is a clone of a
 * template, clicks are delegated. Runs in the page. Each operation gets what a server would have sent it, as JSON.
 *
 * @param {boolean} isMarked whether rows and links carry what they are for, as ours do, which makes the same DOM
 */
export function vanilla(isMarked) {
  const template = document.createElement('template');
  template.innerHTML =
    '<tr><td class="col-md-1"> </td><td class="col-md-4"><a> </a></td><td class="col-md-1"><a><span class="glyphicon glyphicon-remove" aria-hidden="true"></span></a></td><td class="col-md-6"></td></tr>';
  const row = template.content.firstChild;
  const tbody = document.querySelector('tbody');
  let selected = null;

  const append = (json) => {
    for (const [id, label, key, select, remove] of JSON.parse(json)) {
      const tr = row.cloneNode(true);
      const first = tr.firstChild;
      const second = first.nextSibling;
      const link = second.firstChild;
      first.firstChild.nodeValue = id;
      link.firstChild.nodeValue = label;
      if (isMarked) {
        tr.setAttribute('lf-key', key);
        link.setAttribute('lf-click', select);
        second.nextSibling.firstChild.setAttribute('lf-click', remove);
      } else tr.rowId = id;
      tbody.append(tr);
    }
  };
  const clear = () => {
    tbody.textContent = '';
    selected = null;
  };
  const create = (json) => {
    clear();
    append(json);
  };
  return {
    create_1000: create,
    replace: create,
    append_1000: append,
    clear,
    update_10th(json) {
      for (const [index, label] of JSON.parse(json)) {
        tbody.children[index].firstChild.nextSibling.firstChild.firstChild.nodeValue = label;
      }
    },
    select(json) {
      selected?.removeAttribute('class');
      selected = tbody.children[JSON.parse(json)];
      selected.className = 'danger';
    },
    swap(json) {
      const [one, other] = JSON.parse(json).map((index) => tbody.children[index]);
      const after = other.nextSibling;
      tbody.insertBefore(other, one);
      tbody.insertBefore(one, after);
    },
    remove(json) {
      tbody.children[JSON.parse(json)].remove();
    },
  };
}
