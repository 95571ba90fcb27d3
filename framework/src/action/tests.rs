use maud::html;

use super::{Actions, Binding, When};
use crate::{HandlerId, handler::Identity};

fn id(name: [u8; 8]) -> HandlerId {
    HandlerId::from_wire(name).unwrap()
}

fn quoted(markup: &maud::Markup) -> String {
    markup.0.replace("&quot;", "'")
}

#[test]
fn steps_are_written_for_the_client() {
    let actions = Actions::new().add_class("a\"b").hide().on("#x > i").unset("title").remove_class("c").text("<1>");
    let markup = quoted(&html! { b lf-optimistic=(actions) {} });
    let expected = "<b lf-optimistic=\"[['class','','a\\'b',true],['set','','hidden',''],['set','#x &gt; i','title',null],\
         ['class','#x &gt; i','c',false],['text','#x &gt; i','&lt;1&gt;']]\"></b>";
    assert_eq!(markup, expected);
    assert_eq!(html! { (Actions::new()) }.into_string(), "[]");
}

#[test]
fn the_first_that_mentions_a_binding_says_what_it_is() {
    let open = Binding::<bool>::named(id(*b"openopen"), true.into());
    let count = Binding::<u8>::named(id(*b"countcou"), 3.into());
    let markup = html! {
        i lf-when=(When::new().shown(&open).attribute("aria-pressed", &open).class("x", count.is(3))) {}
        b lf-act=(open.toggle().and(count.increment(2))) {}
    };
    let expected = concat!(
        r#"<i lf-when="{'aria-pressed':['get','openopen'],'class:x':['eq',['get','countcou'],3],'hidden':['not',['get','openopen']]}" "#,
        r#"lf-values="{'countcou':3,'openopen':true}" aria-pressed="true"></i>"#,
        r#"<b lf-act="[['let','openopen',['not',['get','openopen']]],['let','countcou',['add',['get','countcou'],2]]]"></b>"#,
    );
    assert_eq!(quoted(&markup), expected);

    let count = Binding::<u8>::named(id(*b"countcou"), 3.into());
    let markup = html! { b lf-act=(count.set(0)) {} i lf-when=(When::new().disabled(&count).attribute("title", count.join(" left"))) {} };
    let expected = concat!(
        r#"<b lf-act="[['is','countcou',3],['let','countcou',0]]"></b>"#,
        r#"<i lf-when="{'disabled':['get','countcou'],'title':['join',['get','countcou'],' left']}" disabled="3" title="3 left"></i>"#,
    );
    assert_eq!(quoted(&markup), expected);

    let count = Binding::<u8>::named(id(*b"countcou"), 3.into());
    let markup = html! { p lf-values=(count) { b lf-act=(count.set(0)) {} } };
    assert_eq!(quoted(&markup), r#"<p lf-values="{'countcou':3}"><b lf-act="[['let','countcou',0]]"></b></p>"#);
}

#[test]
fn an_attribute_is_what_its_expression_is_now() {
    let none = Binding::<Option<u8>>::named(Identity::ROOT.handler(), serde_json::Value::Null);
    let when =
        When::new().hidden(true).attribute("aria-hidden", false).attribute("data-n", &none).attribute("title", &none).disabled(0 == 1);
    let markup = quoted(&html! { i lf-when=(when) {} });
    assert!(markup.ends_with(r#" hidden="" aria-hidden="false"></i>"#), "{markup}");
}

#[test]
#[should_panic(expected = "`title` in lf-when has no value: `add` expected a number, got \"x\"")]
fn an_expression_that_has_no_value_says_so() {
    let _ = html! { i lf-when=(When::new().attribute("title", super::Expression::from("x") + 1)) {} };
}

#[test]
fn only_a_path_of_the_site_is_gone_to() {
    for path in ["javascript:alert(1)", "//evil.example", "/\\evil.example", "https://evil.example/", "/a\nb", ""] {
        assert!(std::panic::catch_unwind(|| Actions::new().navigate(path)).is_err(), "{path}");
    }
    assert_eq!(quoted(&html! { (Actions::new().navigate("/a?b#c")) }), "[['go','/a?b#c']]");
}
