"""Every widget writes the HTML of its namesake in Rust, and escapes what it is given."""

from __future__ import annotations

import re

import livefloe as lf
import pytest

WIDGETS = {
    "text": (
        lambda: lf.text(1.5, muted=True, key="k"),
        '<p class="lf-text lf-muted" lf-key="k">1.5</p>',
    ),
    "text of anything": (lambda: lf.text([None, True]), '<p class="lf-text">[None, True]</p>'),
    "text of nothing": (lambda: lf.text(None), '<p class="lf-text"></p>'),
    "text escaped": (lambda: lf.text("<b>&"), '<p class="lf-text">&lt;b&gt;&amp;</p>'),
    "heading": (lambda: lf.heading("H", level=3, id="h"), '<h3 id="h">H</h3>'),
    "markdown": (
        lambda: lf.markdown("**b**<i>"),
        '<div class="lf-markdown"><p><strong>b</strong>&lt;i&gt;</p>\n</div>',
    ),
    "code": (
        lambda: lf.code("x < 1", language="python"),
        '<pre class="lf-code"><code class="language-python">x &lt; 1</code></pre>',
    ),
    "link": (
        lambda: lf.link("Home", "/", button=True, current=True),
        '<a class="lf-button" href="/" aria-current="page">Home</a>',
    ),
    "unsafe link": (lambda: lf.link("x", "javascript:alert(1)"), '<a href="#">x</a>'),
    "button": (
        lambda: lf.button(
            "x",
            variant="danger",
            submit=True,
            name="n",
            value=3,
            accessible_name="Remove",
            disabled=True,
            autofocus=True,
        ),
        '<button type="submit" class="lf-button lf-button-danger" name="n" value="3" aria-label="Remove" disabled autofocus>x</button>',
    ),
    "text_field": (
        lambda: lf.text_field(
            "E-mail",
            "a@",
            kind="email",
            placeholder="p",
            autocomplete="email",
            max_length=9,
            help="H",
            error="E",
            required=True,
            hide_label=True,
        ),
        '<div class="lf-field"><label><span class="lf-label lf-hidden">E-mail</span><input type="email" name="e_mail" value="a@" '
        'placeholder="p" autocomplete="email" maxlength="9" required aria-invalid="true" '
        'aria-describedby="lf-e_mail-error lf-e_mail-help"></label><p class="lf-field-error" id="lf-e_mail-error">E</p>'
        '<p class="lf-help" id="lf-e_mail-help">H</p></div>',
    ),
    "text_area": (
        lambda: lf.text_area("Prompt", "Hi", rows=2, name="p", id="i", disabled=True),
        '<div class="lf-field"><label><span class="lf-label">Prompt</span><textarea id="i" name="p" rows="2" disabled>Hi</textarea></label></div>',
    ),
    "number": (
        lambda: lf.number("Steps", 2.5, min=1, max=9, step="any"),
        '<div class="lf-field"><label><span class="lf-label">Steps</span><input type="number" name="steps" min="1" max="9" step="any" '
        'value="2.5"></label></div>',
    ),
    "slider": (
        lambda: lf.slider("Share", 0, 1.0, 0.5, unit="%", debounce_ms=5, throttle_ms=6),
        '<div class="lf-field lf-slider"><label><span class="lf-label">Share</span><input type="range" name="share" min="0" max="1" '
        'step="0.01" value="0.5" lf-debounce="5" lf-throttle="6"></label><output aria-live="off">0.5\xa0%</output></div>',
    ),
    "checkbox": (
        lambda: lf.checkbox("Stream", True),
        '<div class="lf-field lf-check"><label><input type="checkbox" name="stream" checked><span class="lf-label">Stream</span></label></div>',
    ),
    "select": (
        lambda: lf.select("Model", {"s": "Small", "l": "Large"}, "l", placeholder="Choose…"),
        '<div class="lf-field"><label><span class="lf-label">Model</span><select name="model"><option value="">Choose…</option>'
        '<option value="s">Small</option><option value="l" selected>Large</option></select></label></div>',
    ),
    "radio": (
        lambda: lf.radio("Size", [1, (2, "two")], 2, inline=True),
        '<fieldset class="lf-field lf-radio lf-inline" role="radiogroup"><legend class="lf-label">Size</legend><label><input type="radio" '
        'name="size" value="1"><span>1</span></label><label><input type="radio" name="size" value="2" checked><span>two</span></label></fieldset>',
    ),
    "image": (
        lambda: lf.image("/c.png", "A cat", width=3, height=4, pixelated=True, caption="C"),
        '<figure class="lf-image lf-pixelated"><img src="/c.png" alt="A cat" width="3" height="4">'
        '<figcaption class="lf-caption">C</figcaption></figure>',
    ),
    "progress": (
        lambda: lf.progress("Training", 3, max=20, note="3 of 20"),
        '<div class="lf-field lf-progress"><label><span class="lf-label">Training</span><progress max="20" value="3"></progress></label>'
        '<span class="lf-note">3 of 20</span></div>',
    ),
    "page_header": (
        lambda: lf.page_header("T", subtitle="S"),
        '<header class="lf-page-header"><h1>T</h1><p class="lf-subtitle">S</p></header>',
    ),
    "nav": (
        lambda: lf.nav({"Home": "/", "B": "/b"}, current="/b"),
        '<nav class="lf-nav" aria-label="Pages"><ul><li><a href="/">Home</a></li><li><a href="/b" aria-current="page">B</a></li></ul></nav>',
    ),
    "alert": (
        lambda: lf.alert("M", "error", title="T"),
        '<div class="lf-alert lf-alert-error" role="alert"><p class="lf-alert-title">T</p>M</div>',
    ),
    "table": (
        lambda: lf.table(["Name", "n"], [["a", 1], ("b", 2.5)], keys=["a", "b"], caption="C"),
        '<div class="lf-table"><table><caption>C</caption><thead><tr><th scope="col">Name</th><th class="lf-number" scope="col">n</th></tr>'
        '</thead><tbody><tr lf-key="a"><td>a</td><td class="lf-number">1</td></tr><tr lf-key="b"><td>b</td>'
        '<td class="lf-number">2.5</td></tr></tbody></table></div>',
    ),
    "table of widgets": (
        lambda: lf.table(["x"], [[lambda: lf.button("b")]]),
        '<div class="lf-table"><table><thead><tr><th scope="col">x</th></tr></thead><tbody><tr><td><button type="button" '
        'class="lf-button">b</button></td></tr></tbody></table></div>',
    ),
    "sketchpad": (
        lambda: lf.sketchpad("Draw", size=(8, 9), pen=1, clear=None, cleared=2),
        '<div class="lf-field"><span class="lf-label" id="lf-draw-label">Draw</span><lf-sketchpad name="draw" columns="8" rows="9" '
        'sends="picture" pen="1" lf-clear="2" role="group" aria-labelledby="lf-draw-label" lf-ignore></lf-sketchpad></div>',
    ),
}

CONTAINERS = {
    "row": (
        lambda: lf.row(align="end", key=1),
        '<div class="lf-row lf-align-end" lf-key="1">',
        "</div>",
    ),
    "column": (lambda: lf.column(), '<div class="lf-column">', "</div>"),
    "grid": (lambda: lf.grid(key="g"), '<div class="lf-grid" lf-key="g">', "</div>"),
    "card": (
        lambda: lf.card("T", link="/t"),
        '<section class="lf-card"><h2 class="lf-card-title"><a href="/t">T</a></h2>',
        "</section>",
    ),
    "alert_box": (
        lambda: lf.alert_box("success"),
        '<div class="lf-alert lf-alert-success" role="status">',
        "</div>",
    ),
    "form": (
        lambda: lf.form(debounce_ms=3, reset=True),
        '<form class="lf-form" method="post" lf-debounce="3" lf-reset>',
        "</form>",
    ),
    "element": (
        lambda: lf.element(
            "li", key="k", class_="a<b", aria_label="L", data_x=1, hidden=True, title=None
        ),
        '<li class="a&lt;b" aria-label="L" data-x="1" hidden lf-key="k">',
        "</li>",
    ),
}


def rendered(app, widgets):
    app.page("/")(widgets)
    status, body = lf.testing.Site(app).get("/")
    found = re.search(r'<div id="livefloe" lf-c="0">(.*)</div></body></html>', body, re.DOTALL)
    assert status == 200, body
    assert found
    return found.group(1)


@pytest.mark.parametrize("name", WIDGETS)
def test_widgets_write_their_html(app, name):
    widget, expected = WIDGETS[name]
    html = rendered(app, lambda: widget() and None)
    if name == "sketchpad":
        # The keywords of the element are the framework's; what matters is that ours arrived.
        assert 'columns="8" rows="9"' in html
        assert 'pen="1"' in html
        assert 'lf-clear="2"' in html
        assert " clear=" not in html
        return
    assert html == expected


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_hold_what_is_called_within_them(app, name):
    container, before, after = CONTAINERS[name]

    def page():
        lf.text("a")
        with container():
            lf.text("b")
        lf.text("c")

    html = rendered(app, page)
    assert (
        html
        == f'<p class="lf-text">a</p>{before}<p class="lf-text">b</p>{after}<p class="lf-text">c</p>'
    )


@pytest.mark.parametrize(
    "scores",
    [{"a": 0.9, "b": 0.1}, [("a", 0.9), ("b", 0.1)], iter([("b", 0.1), ("a", 0.9)])],
    ids=["dict", "pairs", "iterator"],
)
def test_labels_show_the_likeliest_first(app, scores):
    html = rendered(app, lambda: lf.label(scores, top=1, title="T"))
    assert re.findall(r'lf-score-name">([^<]*)<', html) == ["a"]
    assert "90.0%" in html


def test_labels_of_numbers_alone_are_named_by_their_index(app):
    html = rendered(app, lambda: lf.label([0.2, 0.8]))
    assert re.findall(r'lf-score-name">([^<]*)<', html) == ["1", "0"]


def test_labels_of_nothing_show_the_placeholder(app):
    assert "Draw first" in rendered(app, lambda: lf.label(None, placeholder="Draw first"))


@pytest.mark.parametrize(
    ("widget", "error", "message"),
    [
        (
            lambda: lf.button("x", variant="huge"),
            ValueError,
            "variant expected 'secondary', 'primary', 'danger', 'ghost', got 'huge'",
        ),
        (lambda: lf.text_field("x", kind="phone"), ValueError, "kind expected 'text'"),
        (lambda: lf.row(align="top"), ValueError, "align expected 'start'"),
        (
            lambda: lf.text_field("x", on_inputs=print),
            TypeError,
            "unexpected keyword argument 'on_inputs'",
        ),
        (
            lambda: lf.table(["a"], [[1]], keys=[]),
            ValueError,
            "keys expected one for each of 1 rows, got 0",
        ),
        (lambda: lf.element("script"), ValueError, "element expected one of"),
        (lambda: lf.element("div", style="x"), ValueError, "attribute expected class"),
        (lambda: lf.element("div", onclick="x"), ValueError, "attribute expected class"),
        (
            lambda: lf.element("div", **{"data-x onclick": 1}),
            ValueError,
            "attribute expected class",
        ),
        (lambda: lf.element("div", lf_click="AAAAAAAA"), ValueError, "attribute expected class"),
        (lambda: lf.label(["a"]), ValueError, "scores expected probabilities"),
        (lambda: lf.rust("nothing"), ValueError, "name expected a registered Rust component"),
    ],
)
def test_wrong_arguments_say_what_was_expected_and_what_came(app, widget, error, message):
    caught = []

    @app.page("/")
    def page():
        try:
            widget()
        except Exception as exception:
            caught.append(exception)

    lf.testing.Site(app).get("/")
    assert type(caught[0]) is error
    assert message in str(caught[0])


def test_a_container_is_opened_once(app):
    @app.page("/")
    def page():
        row = lf.row()
        with row:
            pass
        with row:
            pass

    assert "this lf.row was opened before" in lf.testing.Site(app).get("/")[1]


def test_names_come_from_labels(app):
    labels = {
        "First name": "first_name",
        "E-Mail!": "e_mail",
        "Größe": "größe",
        "123": "123",
        "?": "value",
        "": "value",
    }

    def page():
        for label in labels:
            lf.text_field(label)

    assert re.findall(r'name="([^"]*)"', rendered(app, page)) == list(labels.values())
