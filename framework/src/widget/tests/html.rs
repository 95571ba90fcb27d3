//! The HTML of each widget, to the letter.

use super::{super::*, written};
use crate::{Act, Actions, Binding, handler::HandlerId};

fn save() -> HandlerId {
    HandlerId::from_wire(*b"AAAAAAAA").unwrap()
}

fn assert_all_as_expected(cases: &[(String, &str)]) {
    for (written, expected) in cases {
        assert_eq!(written, expected);
    }
}

#[test]
fn controls_write_the_html_that_they_promise() {
    assert_all_as_expected(&[
        (
            written(button("+1").on_click(save()).primary().key(7)),
            r#"<button type="button" class="lf-button lf-button-primary" lf-click="AAAAAAAA" lf-key="7">+1</button>"#,
        ),
        (
            written(button("×").submit().danger().name("remove").value(3).accessible_name("Remove Ada").disabled(true)),
            r#"<button type="submit" class="lf-button lf-button-danger" name="remove" value="3" aria-label="Remove Ada" disabled>×</button>"#,
        ),
        (
            written(text_field("Name", "name")),
            r#"<div class="lf-field"><label><span class="lf-label">Name</span><input type="text" name="name"></label></div>"#,
        ),
        (
            written(
                text_field("E-mail", "e mail")
                    .kind(TextKind::Email)
                    .value("a@")
                    .placeholder("ada@example.org")
                    .autocomplete("email")
                    .autofocus(true)
                    .max_length(80)
                    .required(true)
                    .help("Never shown")
                    .error("Incomplete")
                    .hide_label()
                    .on_input(save())
                    .on_change(save())
                    .debounce_ms(200)
                    .throttle_ms(50),
            ),
            concat!(
                r#"<div class="lf-field"><label><span class="lf-label lf-hidden">E-mail</span><input type="email" name="e mail" "#,
                r#"value="a@" placeholder="ada@example.org" autocomplete="email" maxlength="80" autofocus required "#,
                r#"aria-invalid="true" aria-describedby="lf-e-mail-error lf-e-mail-help" lf-input="AAAAAAAA" "#,
                r#"lf-change="AAAAAAAA" lf-debounce="200" lf-throttle="50"></label>"#,
                r#"<p class="lf-field-error" id="lf-e-mail-error">Incomplete</p><p class="lf-help" id="lf-e-mail-help">Never shown</p></div>"#,
            ),
        ),
        (
            written(text_area("Prompt", "prompt").id("p").value("Hi").rows(0).help("Any language")),
            concat!(
                r#"<div class="lf-field"><label><span class="lf-label">Prompt</span><textarea id="p" name="prompt" rows="1" "#,
                r#"aria-describedby="p-help">Hi</textarea></label><p class="lf-help" id="p-help">Any language</p></div>"#,
            ),
        ),
        (
            written(number("Steps", "steps").min(1).max(9).step("any").value(2.5).disabled(true)),
            concat!(
                r#"<div class="lf-field"><label><span class="lf-label">Steps</span><input type="number" name="steps" "#,
                r#"min="1" max="9" step="any" value="2.5" disabled></label></div>"#,
            ),
        ),
        (
            written(slider("Share", "share").value(0.5_f32).max(1).step(0.1).unit("%").error(None::<&str>)),
            concat!(
                r#"<div class="lf-field lf-slider"><label><span class="lf-label">Share</span><input type="range" name="share" "#,
                r#"min="0" max="1" step="0.1" value="0.5"></label><output aria-live="off">0.5"#,
                "\u{a0}%</output></div>",
            ),
        ),
        (
            written(checkbox("Stream", "stream").checked(true).error("No")),
            concat!(
                r#"<div class="lf-field lf-check"><label><input type="checkbox" name="stream" checked "#,
                r#"aria-invalid="true" aria-describedby="lf-stream-error"><span class="lf-label">Stream</span></label>"#,
                r#"<p class="lf-field-error" id="lf-stream-error">No</p></div>"#,
            ),
        ),
        (
            written(select("Size", "size").placeholder("Choose…").option(1, "One").options([2, 3]).selected("2")),
            concat!(
                r#"<div class="lf-field"><label><span class="lf-label">Size</span><select name="size"><option value="">Choose…</option>"#,
                r#"<option value="1">One</option><option value="2" selected>2</option><option value="3">3</option></select></label></div>"#,
            ),
        ),
        (
            written(radio("Size", "size").options([("s", "Small")]).selected("s").inline().required(true).on_change(save())),
            concat!(
                r#"<fieldset class="lf-field lf-radio lf-inline" role="radiogroup" aria-required="true"><legend class="lf-label">Size</legend>"#,
                r#"<label><input type="radio" name="size" value="s" checked required lf-change="AAAAAAAA"><span>Small</span></label></fieldset>"#,
            ),
        ),
    ]);
}

#[test]
fn forms_and_results_write_the_html_that_they_promise() {
    assert_all_as_expected(&[
        (
            written(form("…").on_submit(save()).on_input(save()).on_change(save()).debounce_ms(5).reset_after_submit().key("a")),
            r#"<form class="lf-form" method="post" lf-submit="AAAAAAAA" lf-input="AAAAAAAA" lf-change="AAAAAAAA" lf-debounce="5" lf-reset lf-key="a">…</form>"#,
        ),
        (
            written(sketchpad("Draw", "ink").size(8, 999).sends(SketchKind::Strokes).pen(2).cleared(1).on_input(save()).debounce_ms(9)),
            concat!(
                r#"<div class="lf-field"><span class="lf-label" id="lf-ink-label">Draw</span><lf-sketchpad name="ink" columns="8" "#,
                r#"rows="256" sends="strokes" pen="2" clear="Clear" lf-clear="1" role="group" aria-labelledby="lf-ink-label" "#,
                r#"lf-input="AAAAAAAA" lf-debounce="9" lf-ignore></lf-sketchpad></div>"#,
            ),
        ),
        (
            written(label([("cat", 0.25), ("dog", 0.75)]).title("Animal").top(1)),
            concat!(
                r#"<figure class="lf-scores"><figcaption class="lf-label">Animal</figcaption><ol><li lf-key="dog">"#,
                r#"<span class="lf-score-name">dog</span><svg aria-hidden="true"><rect width="75.0%" height="100%"></rect></svg>"#,
                r#"<span class="lf-score-value">75.0%</span></li></ol></figure>"#,
            ),
        ),
        (
            written(label([("a", 0.0); 0]).placeholder("Draw first")),
            r#"<figure class="lf-scores"><p class="lf-muted">Draw first</p><ol></ol></figure>"#,
        ),
        (
            written(table(["Name", "Age"]).caption("People").keyed_row(1, ("Ada", 36)).rows([["Alan", "41"]])),
            concat!(
                r#"<div class="lf-table"><table><caption>People</caption><thead><tr><th scope="col">Name</th>"#,
                r#"<th class="lf-number" scope="col">Age</th></tr></thead><tbody><tr lf-key="1"><td>Ada</td><td class="lf-number">36</td></tr>"#,
                r#"<tr><td>Alan</td><td>41</td></tr></tbody></table></div>"#,
            ),
        ),
        (
            written(progress("Training").value(3).max(20).note("15%")),
            concat!(
                r#"<div class="lf-field lf-progress"><label><span class="lf-label">Training</span><progress max="20" value="3"></progress></label>"#,
                r#"<span class="lf-note">15%</span></div>"#,
            ),
        ),
    ]);
}

#[test]
fn what_is_remembered_elsewhere_writes_the_html_that_it_promises() {
    assert_all_as_expected(&[
        (
            written(address().parameter("t", 0.5).parameter("q", "a&b c").parameter("page", None::<u8>).push(true).on_change(save())),
            concat!(
                r#"<lf-address name="query" names="t q page" query="t=0.5&amp;q=a%26b+c" push lf-change="AAAAAAAA" hidden>"#,
                "</lf-address>",
            ),
        ),
        (written(kept("theme", "dark").on_change(save())), r#"<lf-kept name="theme" value="dark" lf-change="AAAAAAAA" hidden></lf-kept>"#),
        (written(kept("theme", None::<&str>)), r#"<lf-kept name="theme" hidden></lf-kept>"#),
    ]);
}

#[test]
fn what_is_shown_at_times_writes_the_html_that_it_promises() {
    let binding = |name: &[u8; 8], value: serde_json::Value| (HandlerId::from_wire(*name).unwrap(), value);
    let act = |actions: Actions| Act::new(Some(save()), actions);
    let (id, value) = binding(b"viewview", "b".into());
    let view = Binding::<String>::named(id, value);
    let shown = Binding::<bool>::named(HandlerId::from_wire(*b"shownabc").unwrap(), false.into());
    let views =
        tabs("Views", &view, act).tab("a", "A", text(1)).lazy_tab("b", "B", &shown, || "made").lazy_tab("c", "C", &shown, || "not made");
    let expected = concat!(
        r#"<div class="lf-tabs" lf-values="{'viewview':'b'}"><div class="lf-tab-list" role="tablist" aria-label="Views">"#,
        r#"<button type="button" class="lf-tab" role="tab" id="lf-viewview-0" aria-controls="lf-viewview-0-panel" "#,
        r#"lf-click="AAAAAAAA" lf-act="['AAAAAAAA',['let','viewview','a']]" lf-when="{'aria-selected':['eq',['get','viewview'],'a'],"#,
        r#"'tabindex':['if',['or',['eq',['get','viewview'],'b'],['eq',['get','viewview'],'c']],-1,0]}" aria-selected="false" tabindex="-1">A</button>"#,
        r#"<button type="button" class="lf-tab" role="tab" id="lf-viewview-1" aria-controls="lf-viewview-1-panel" "#,
        r#"lf-click="AAAAAAAA" lf-act="['AAAAAAAA',['is','shownabc',false],['let','viewview','b'],['let','shownabc',true]]" "#,
        r#"lf-when="{'aria-selected':['eq',['get','viewview'],'b'],'tabindex':['if',['eq',['get','viewview'],'b'],0,-1]}" "#,
        r#"aria-selected="true" tabindex="0">B</button>"#,
        r#"<button type="button" class="lf-tab" role="tab" id="lf-viewview-2" aria-controls="lf-viewview-2-panel" "#,
        r#"lf-click="AAAAAAAA" lf-act="['AAAAAAAA',['let','viewview','c'],['let','shownabc',true]]" "#,
        r#"lf-when="{'aria-selected':['eq',['get','viewview'],'c'],'tabindex':['if',['eq',['get','viewview'],'c'],0,-1]}" "#,
        r#"aria-selected="false" tabindex="-1">C</button></div>"#,
        r#"<div class="lf-tab-panel" role="tabpanel" id="lf-viewview-0-panel" aria-labelledby="lf-viewview-0" tabindex="0" "#,
        r#"lf-when="{'hidden':['not',['eq',['get','viewview'],'a']]}" hidden=""><p class="lf-text">1</p></div>"#,
        r#"<div class="lf-tab-panel" role="tabpanel" id="lf-viewview-1-panel" aria-labelledby="lf-viewview-1" tabindex="0" "#,
        r#"lf-when="{'hidden':['not',['eq',['get','viewview'],'b']]}">made</div>"#,
        r#"<div class="lf-tab-panel" role="tabpanel" id="lf-viewview-2-panel" aria-labelledby="lf-viewview-2" tabindex="0" "#,
        r#"lf-when="{'hidden':['not',['eq',['get','viewview'],'c']]}" hidden=""></div></div>"#,
    );
    assert_eq!(written(views).replace("&quot;", "'"), expected);

    let (id, value) = binding(b"asking12", true.into());
    let asking = Binding::<bool>::named(id, value);
    let expected = concat!(
        r#"<dialog class="lf-dialog" lf-modal aria-labelledby="lf-asking12-title" lf-close="AAAAAAAA" "#,
        r#"lf-act="['AAAAAAAA',['is','asking12',true],['let','asking12',false]]" lf-when="{'open':['get','asking12']}" open="">"#,
        r#"<header class="lf-dialog-header"><h2 class="lf-dialog-title" id="lf-asking12-title">Really?</h2>"#,
        r#"<button type="button" class="lf-dialog-close" aria-label="Close" lf-click="AAAAAAAA" lf-act="['AAAAAAAA',['let','asking12',false]]">×"#,
        r#"</button></header><div class="lf-dialog-content">…</div></dialog>"#,
    );
    assert_eq!(written(dialog("Really?", &asking, act(asking.set(false)), "…")).replace("&quot;", "'"), expected);

    let (id, value) = binding(b"question", serde_json::Value::Null);
    let question = Binding::<Option<u8>>::named(id, value);
    let expected = concat!(
        r#"<div class="lf-accordion" lf-values="{'question':null}"><details class="lf-expander" lf-when="{'open':['eq',['get','question'],1]}">"#,
        r#"<summary class="lf-expander-title" lf-click="AAAAAAAA" "#,
        r#"lf-act="['AAAAAAAA',['let','question',['if',['eq',['get','question'],1],null,1]]]">Who?</summary>"#,
        r#"<div class="lf-expander-content">…</div></details></div>"#,
    );
    assert_eq!(written(accordion(&question, act).item(1, "Who?", "…")).replace("&quot;", "'"), expected);

    let rename = On::handler(save()).pending(Actions::new().disable());
    let expected = concat!(
        r#"<div class="lf-menu"><button type="button" class="lf-button lf-menu-button" popovertarget="m" aria-haspopup="menu">Do</button>"#,
        r#"<div class="lf-menu-list" id="m" popover role="menu" aria-label="Do">"#,
        r#"<button type="button" class="lf-menu-item" role="menuitem" tabindex="-1" lf-click="AAAAAAAA" "#,
        r#"lf-optimistic="[['set','','disabled','']]">Rename</button><hr class="lf-menu-line">"#,
        r#"<button type="button" class="lf-menu-item lf-menu-danger" role="menuitem" tabindex="-1" lf-click="" lf-act="['',['copy','','x']]">Copy</button>"#,
        r##"<a class="lf-menu-item" role="menuitem" tabindex="-1" href="#">Bad</a></div></div>"##,
    );
    let copy = Act::new(None, Actions::new().copy("x"));
    let list = menu("m", "Do").item("Rename", rename).separator().danger("Copy", copy).link("Bad", "javascript:0");
    assert_eq!(written(list).replace("&quot;", "'"), expected);
}

#[test]
fn actions_of_several_events_of_one_element_stay_apart() {
    let act = |id, actions| Act::new(HandlerId::from_wire(id), actions);
    let field = text_field("A", "a")
        .on_input(act(*b"inputinp", Actions::new().add_class("x")))
        .on_change(On::from(act(*b"changech", Actions::new().hide())).pending(Actions::new().disable()));
    let expected = concat!(
        r#"<div class="lf-field"><label><span class="lf-label">A</span><input type="text" name="a" lf-input="inputinp" lf-change="changech" "#,
        r#"lf-act="['inputinp',['class','','x',true],'changech',['set','','hidden','']]" lf-optimistic="[['set','','disabled','']]"></label></div>"#,
    );
    assert_eq!(written(field).replace("&quot;", "'"), expected);
}

#[test]
fn texts_and_layout_write_the_html_that_they_promise() {
    assert_all_as_expected(&[
        (
            written(alert(text("Again?")).error().title("Failed").key(1)),
            concat!(
                r#"<div class="lf-alert lf-alert-error" role="alert" lf-key="1"><p class="lf-alert-title">Failed</p>"#,
                r#"<p class="lf-text">Again?</p></div>"#,
            ),
        ),
        (
            written(row(column("a").align(Align::Start)).align(Align::End)),
            r#"<div class="lf-row lf-align-end"><div class="lf-column lf-align-start">a</div></div>"#,
        ),
        (
            written(grid(card("a").title("T").link("/t").key("t"))),
            concat!(
                r#"<div class="lf-grid"><section class="lf-card" lf-key="t"><h2 class="lf-card-title"><a href="/t">T</a></h2>"#,
                r"a</section></div>",
            ),
        ),
        (
            written(nav("Pages").link("Home", "/").link("Bad", "javascript:0").current("/")),
            concat!(
                r#"<nav class="lf-nav" aria-label="Pages"><ul><li><a href="/" aria-current="page">Home</a></li>"#,
                r##"<li><a href="#">Bad</a></li></ul></nav>"##,
            ),
        ),
        (
            written(page_header("Digits").subtitle("Draw one")),
            r#"<header class="lf-page-header"><h1>Digits</h1><p class="lf-subtitle">Draw one</p></header>"#,
        ),
        (written(heading("a").level(0).id("top")), r#"<h1 id="top">a</h1>"#),
        (written(heading("a").level(9)), "<h6>a</h6>"),
        (written(text(3).key("a")), r#"<p class="lf-text" lf-key="a">3</p>"#),
        (written(link("a", "/b").button()), r#"<a class="lf-button" href="/b">a</a>"#),
        (written(image("javascript:0", "").pixelated()), r#"<figure class="lf-image lf-pixelated"><img src="data:," alt=""></figure>"#),
    ]);
}
