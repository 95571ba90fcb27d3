//! What driving a page without a browser finds, does and says.

use std::time::Duration;

use livefloe::{
    App, Component, Cx, Limits, Markup, Topic, html,
    testing::{Page, Query, Role, Site, TestError, Words},
    widget::{button, card, checkbox, form, heading, nav, number, progress, radio, select, slider, table, text, text_field},
};
use serde::{Deserialize, Serialize};

const NEWS: Topic<String> = Topic::new("testing-news");

#[derive(Default, Serialize, Deserialize)]
struct Shop {
    basket: Vec<String>,
    size: String,
    amount: i64,
    gift: bool,
    note: String,
    n_steps: u32,
    lost: bool,
}

#[derive(Deserialize)]
struct Order {
    name: String,
    size: String,
    #[serde(default)]
    wrapping: String,
}

impl Component for Shop {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&NEWS, Self::heard);
        html! {
            (heading("Shop").level(1))
            (nav("Pages").link("Home", "/").link("About", "/about").current("/"))
            (form(html! {
                (text_field("Name", "name"))
                (select("Size", "size").options([("s", "Small"), ("l", "Large")]).selected("s"))
                (radio("Wrapping", "wrapping").options([("p", "Paper"), ("b", "Box")]))
                (button("Order").submit())
            }).on_submit(cx.form(Self::order)))
            (number("Amount", "amount").value(self.amount).on_change(cx.value(Self::set_amount)))
            (checkbox("Gift", "gift").checked(self.gift).on_change(cx.value(Self::set_gift)))
            (select("Colour", "colour").options([("r", "Red"), ("g", "Green")]).on_change(cx.value(Self::set_note)))
            (slider("Sweetness", "sweetness").disabled(true))
            (progress("Packing").value(3).max(20))
            (table(["Fruit", ""]).rows(self.basket.iter().enumerate().map(|(index, fruit)| {
                (fruit.as_str(), html! { (button("Remove").on_click(cx.with(index, Self::remove))) })
            }).collect::<Vec<_>>()).caption("Basket"))
            (card(html! { (text(format!("note: {}", self.note))) }).title("Notes"))
            button lf-click=(cx.on(Self::fill)) { "Fill" }
            button lf-click=(cx.on(Self::work)) { "Work" }
            button lf-click=(cx.on(Self::work_for_ever)) { "Work for ever" }
            button lf-click=(cx.on(Self::tell)) { "Tell" }
            button lf-click=(cx.on(Self::stream)) { "Stream" }
            button { "Nothing" }
            div lf-click=(cx.on(Self::fill)) { b { "Anywhere" } " in it" }
            button hidden lf-click=(cx.on(Self::fill)) { "Secret" }
            details { summary { "More" } p { "folded" } }
            @if !self.lost { button id="loss" data-testid="loss" lf-click=(cx.on(Self::lose)) { "Lose" } }
            p #steps { (self.n_steps) }
        }
    }
}

impl Shop {
    fn order(&mut self, order: Order) {
        self.note = format!("{} {} {}", order.name, order.size, order.wrapping);
    }
    fn set_amount(&mut self, amount: i64) {
        self.amount = amount.min(10);
    }
    fn set_gift(&mut self, gift: bool) {
        self.gift = gift;
    }
    fn set_note(&mut self, note: String) {
        self.note = note;
    }
    fn remove(&mut self, index: usize) {
        self.basket.remove(index);
    }
    fn fill(&mut self) {
        self.basket = ["fig", "plum"].map(str::to_owned).to_vec();
    }
    fn work(&mut self, cx: &Cx<Self>) {
        cx.spawn(pause(), |shop: &mut Self, (), cx: &Cx<Self>| {
            shop.n_steps += 1;
            if shop.n_steps < 3 {
                shop.work(cx);
            }
        });
    }
    fn work_for_ever(&mut self, cx: &Cx<Self>) {
        cx.spawn(std::future::pending::<()>(), |_: &mut Self, ()| {});
    }
    fn stream(&mut self, cx: &Cx<Self>) {
        cx.spawn(pause(), |shop: &mut Self, (), cx: &Cx<Self>| {
            shop.n_steps += 1;
            if shop.n_steps < 300 {
                shop.stream(cx);
            }
        });
    }
    fn tell(&mut self, cx: &Cx<Self>) {
        cx.broadcast(&NEWS, "told".to_owned());
    }
    fn heard(&mut self, news: String) {
        self.note = news;
    }
    fn lose(&mut self) {
        self.lost = true;
    }
}

async fn pause() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

async fn open() -> Page {
    let site = Site::new(App::new().page("/", Shop::default)).expect("the app is put together right");
    site.open("/").await.expect("the page opens")
}

fn message<T: std::fmt::Debug>(result: Result<T, TestError>) -> String {
    result.expect_err("something that can't be").to_string()
}

#[tokio::test]
async fn elements_are_found_by_what_they_are_and_are_called() {
    let mut page = open().await;
    page.click("Fill").await.unwrap();
    let cases = [
        (Query::role(Role::Heading).name("Shop"), "heading \"Shop\" [level=1]"),
        (Query::label("Name"), "textbox \"Name\""),
        (Query::label("Amount"), "spinbutton \"Amount\" [value=\"0\"]"),
        (Query::label("Wrapping"), "radiogroup \"Wrapping\""),
        (Query::role(Role::Radio).name("Box"), "radio \"Box\""),
        (Query::role(Role::Slider), "slider \"Sweetness\" [disabled]"),
        (Query::role(Role::ProgressBar).name("Packing"), "progressbar \"Packing\" [value=\"3\"]"),
        (Query::role(Role::Navigation).name("Pages"), "navigation \"Pages\""),
        (Query::role(Role::Link).name(Words::part("Ho")), "link \"Home\" [current=page] [url=/]"),
        (Query::role(Role::Row).has(Words::part("plum")), "row \"plum Remove\""),
        (Query::role(Role::Table).name("Basket"), "table \"Basket\""),
        (Query::text("fig"), "cell \"fig\""),
        (Query::text(Words::that("a plum", |text| text == "plum")), "cell \"plum\""),
        (Query::test_id("loss"), "button \"Lose\""),
        (Query::id("steps"), "paragraph: 0"),
    ];
    for (query, expected) in cases {
        assert_eq!(page.get(query.clone()).unwrap().to_string(), expected, "{query}");
    }
    assert_eq!(page.all(Query::role(Role::Button).name("Remove")).unwrap().len(), 2);
    let row = page.get(Query::role(Role::Row).has(Words::part("plum"))).unwrap();
    assert!(row.get(Query::role(Role::Button)).unwrap().attribute("lf-click").is_some());
    let slider = page.get(Query::role(Role::Slider)).unwrap();
    assert!(slider.is_disabled() && slider.is_visible() && slider.is_checked().is_none());
}

#[tokio::test]
async fn what_is_not_found_or_more_than_once_says_what_there_is() {
    let mut page = open().await;
    page.click("Fill").await.unwrap();
    let cases = [
        (
            Query::role(Role::Heading).name("Shops"),
            "expected heading \"Shops\", found none; every heading there is:\n  1. heading \"Shop\" [level=1]",
        ),
        (
            Query::role(Role::Dialog),
            "expected dialog, found none; the page shows:\n  - heading \"Shop\" [level=1]\n  - navigation \"Pages\":",
        ),
        (Query::label("Weight"), "every field there is:\n  1. textbox \"Name\""),
        (
            Query::role(Role::Button).name("Remove"),
            "expected one button \"Remove\", found 2:\n  1. button \"Remove\", in row \"fig Remove\"\n  2. button",
        ),
        (Query::role(Role::Button).name("Secret"), "there is one, but it is hidden"),
        (Query::text("folded"), "there is one, but it is hidden"),
    ];
    for (query, expected) in cases {
        let error = message(page.get(query.clone()));
        assert!(error.contains(expected), "{query}: {error}");
        assert!(!error.contains("lf-") && !error.contains("</"), "{error}");
    }
    let cases = [
        (message(page.click("Remove").await), "expected one thing to click called \"Remove\", found 2:\n  1. button"),
        (message(page.click("Shop").await), "expected thing to click called \"Shop\", found none; there is:\n  1. link \"Home\""),
        (message(page.click("Nothing").await), "button \"Nothing\" does nothing when it is clicked"),
        (message(page.click("Secret").await), "but it is hidden"),
        (message(page.enter("Sweetness", "3").await), "slider \"Sweetness\" [disabled] is disabled"),
        (message(page.enter("Gift", "3").await), "there is a checkbox \"Gift\""),
        (message(page.select("Size", "Huge").await), "has no choice \"Huge\"; it has \"Small\", \"Large\""),
        (message(page.check("Name", true).await), "there is a textbox \"Name\""),
        (message(page.press("Amount", "Enter").await), "does not listen to the key Enter"),
    ];
    for (error, expected) in cases {
        assert!(error.contains(expected), "expected {expected}, got {error}");
    }
}

#[tokio::test]
async fn people_fill_in_choose_and_switch_by_what_they_see() {
    let mut page = open().await;
    page.enter("Name", "Ada").await.unwrap();
    page.select("Size", "Large").await.unwrap();
    page.select("Wrapping", "Paper").await.unwrap();
    page.select("Wrapping", "b").await.unwrap();
    assert_eq!(page.value("Wrapping").unwrap(), "b");
    page.click("Order").await.unwrap();
    assert!(page.sees("note: Ada l b"), "one radio button of a group is on: {}", page.text());
    page.enter("Name", "Grace").await.unwrap();
    page.press("Name", "Enter").await.unwrap();
    assert!(page.sees("note: Grace l b"), "the key of a form");
    page.select("Colour", "Green").await.unwrap();
    assert!(page.sees("note: g"));
    page.check("Gift", true).await.unwrap();
    assert_eq!(page.get(Query::label("Gift")).unwrap().is_checked(), Some(true));
    page.click("Gift").await.unwrap();
    assert_eq!(page.get(Query::label("Gift")).unwrap().is_checked(), Some(false));
    page.click("Anywhere").await.unwrap();
    assert!(page.sees("plum"), "a click rises");
    assert!(!page.sees("folded"));
    page.click("More").await.unwrap();
    assert!(page.sees("folded"), "what is unfolded is seen");
    page.click("About").await.unwrap();
    assert_eq!(page.navigated(), Some("/about"));
}

#[tokio::test]
async fn what_the_server_sets_takes_the_place_of_what_was_entered() {
    let mut page = open().await;
    page.enter("Amount", "7").await.unwrap();
    assert_eq!(page.value("Amount").unwrap(), "7");
    page.enter("Amount", "99").await.unwrap();
    assert_eq!(page.value("Amount").unwrap(), "10");
    assert!(matches!(page.enter("Amount", "many").await, Err(TestError::Refused { code: 2, .. })));
    assert_eq!(page.value("Amount").unwrap(), "many", "refused, so it stays");
}

#[tokio::test]
async fn something_that_was_found_is_acted_on_until_it_is_gone() {
    let mut page = open().await;
    page.click("Fill").await.unwrap();
    let removes: Vec<_> = page.all(Query::role(Role::Button).name("Remove")).unwrap().iter().map(|element| element.id()).collect();
    page.click(removes[1]).await.unwrap();
    assert!(page.sees("fig") && !page.sees("plum"));
    let error = message(page.click(removes[1]).await);
    assert!(error.starts_with("this element is no longer on the page, find it again; the page shows:\n  - heading"), "{error}");
    assert!(matches!(page.element(removes[1]), Err(TestError::Gone { .. })));
    assert!(page.element(removes[0]).is_ok());
}

#[tokio::test]
async fn changes_since_the_last_action_are_said_in_words() {
    let mut page = open().await;
    page.click("Fill").await.unwrap();
    assert_eq!(page.changes()[..4], ["+ row:", "+ cell \"fig\"", "+ cell:", "+ button \"Remove\""]);
    page.check("Gift", true).await.unwrap();
    assert_eq!(page.changes(), ["- checkbox \"Gift\"", "+ checkbox \"Gift\" [checked]"]);
    page.click("Work").await.unwrap();
    page.settled().await.unwrap();
    assert_eq!(page.changes(), ["- paragraph: 0", "+ paragraph: 3"]);
    let touched = page.touched();
    assert_eq!(touched, [page.get(Query::id("steps")).unwrap()], "only this text");
    assert_eq!(page.new_patches()[0].words, ["paragraph: the text \"0\" becomes \"1\""]);
    page.click("Lose").await.unwrap();
    assert_eq!(page.changes(), ["- button \"Lose\""]);
    let words = &page.patches().last().unwrap().words;
    assert!(words[0].contains("button \"Lose\" goes from"), "{words:?}");
}

#[tokio::test]
async fn settled_waits_for_tasks_and_their_tasks_however_much_they_send() {
    let site = Site::new(App::new().page("/", Shop::default)).unwrap();
    let (mut ada, mut grace) = (site.open("/").await.unwrap(), site.open("/").await.unwrap());
    ada.settled().await.unwrap();
    ada.click("Stream").await.unwrap();
    ada.settled().await.unwrap();
    assert_eq!(ada.get(Query::id("steps")).unwrap().text(), "300");
    ada.click("Tell").await.unwrap();
    grace.settled().await.unwrap();
    assert!(grace.sees("note: told"));
}

#[tokio::test(start_paused = true)]
async fn what_never_settles_is_named() {
    let mut page = open().await;
    page.set_patience(Duration::from_millis(200));
    page.click("Work for ever").await.unwrap();
    let error = message(page.settled().await);
    assert!(error.starts_with("waited 0.2 s for everything to be settled, but a task is under way, in vain; the page shows:"), "{error}");
    let error = message(page.until_sees("never").await);
    assert!(error.starts_with("waited 0.2 s for \"never\", in vain; the page shows:\n  - heading"), "{error}");
}

#[tokio::test]
async fn an_outline_says_what_a_page_is_and_nothing_that_changes_by_itself() {
    let (one, other) = (open().await, open().await);
    assert_eq!(one.outline(), other.outline());
    let outline = one.outline();
    for line in [
        "- form:\n  - textbox \"Name\"\n  - combobox \"Size\" [value=\"Small\"]\n  - radiogroup \"Wrapping\":\n    - radio \"Paper\"\n",
        "- table \"Basket\":",
    ] {
        assert!(outline.contains(line), "{outline}");
    }
    assert!(!outline.contains("lf-"), "{outline}");
}

#[derive(Default, Serialize, Deserialize)]
struct Bell {}

impl Component for Bell {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { button lf-click=(cx.on(Self::ring)) { "Ring" } }
    }
}

impl Bell {
    fn ring(&mut self) {}
}

#[tokio::test]
async fn tests_may_be_faster_than_people() {
    let mut page = Site::new(App::new().page("/", Bell::default)).unwrap().open("/").await.unwrap();
    for _ in 0..2 * Limits::default().max_events_per_second + 10 {
        page.click("Ring").await.unwrap();
    }
    let limits = Limits { max_events_per_second: 2, ..Limits::default() };
    let mut page = Site::new(App::new().limits(limits).page("/", Bell::default)).unwrap().open("/").await.unwrap();
    let mut error = None;
    for _ in 0..10 {
        error = error.or(page.click("Ring").await.err());
    }
    assert!(matches!(error, Some(TestError::Closed { code: 4429, .. })), "what the app says holds: {error:?}");
}
