//! A form that checks while it is filled in: typed fields, errors beside them, and a question to a slow service.
//!
//! `cargo run -p livefloe-examples --bin signup`, then open <http://127.0.0.1:8000>.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use livefloe::{
    App, Component, Cx, Markup, html,
    widget::{TextKind, alert, button, card, checkbox, number, page_header, radio, text_field},
};
use serde::{Deserialize, Serialize};

const PLANS: [&str; 2] = ["Hobby", "Team"];
const MAX_ACCOUNTS: usize = 10_000;

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    App::new().state(Accounts::default()).page("/", Signup::default).serve("127.0.0.1:8000").await
}

/// Stands for a database: slow, and shared by all sessions.
#[derive(Default)]
pub(crate) struct Accounts(Mutex<HashSet<String>>);

impl Accounts {
    /// Whether nobody has that name; with `create`, somebody has it from then on, if there is room.
    async fn is_free(&self, username: &str, create: bool) -> bool {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut usernames = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = !["ada", "grace", "linus"].contains(&username) && !usernames.contains(username);
        is_free && (!create || usernames.len() < MAX_ACCOUNTS && usernames.insert(username.to_owned()))
    }
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Signup {
    draft: Draft,
    /// Whether nobody has that name; `None` while nobody knows.
    is_free: Option<bool>,
    is_asking: bool,
    /// Whether the visitor has tried: only then is an empty field an error.
    is_submitted: bool,
    is_done: bool,
}

/// The form as it stands. Its types let pass whatever can be typed, so that nothing is refused half-way.
#[derive(Default, Serialize, Deserialize)]
struct Draft {
    username: String,
    email: String,
    age: Option<i64>,
    plan: Option<String>,
    #[serde(default)]
    terms: bool,
}

impl Component for Signup {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        if self.is_done {
            return html! {
                (page_header(format!("Welcome, {}!", self.draft.username)))
                (alert(html! { "We wrote to " (self.draft.email) "." }).success())
                (button("Sign up somebody else").on_click(cx.on(|signup: &mut Self| *signup = Self::default())))
            };
        }
        let errors = self.errors(self.is_submitted);
        let error = |field: &str| errors.get(field).copied();
        let help = if self.is_asking {
            Some("Looking whether it is free…")
        } else {
            self.is_free.filter(|is_free| *is_free).map(|_| "This name is free.")
        };
        html! {
            (page_header("Sign up").subtitle("It checks while you type, and never takes away your text."))
            (card(html! {
                // `novalidate`: in the page's own words, not in the browser's.
                form.lf-form novalidate method="post" lf-submit=(cx.form(Self::submit)) lf-input=(cx.form(Self::check)) lf-debounce="250" {
                    (text_field("Username", "username").value(&*self.draft.username).error(error("username")).help(help).autocomplete("username"))
                    (text_field("E-mail", "email").value(&*self.draft.email).error(error("email")).kind(TextKind::Email).autocomplete("email"))
                    (number("Age", "age").value(self.draft.age).error(error("age")))
                    (radio("Plan", "plan").options(PLANS).selected(self.draft.plan.as_deref()).error(error("plan")).inline())
                    (checkbox("I have read the terms", "terms").checked(self.draft.terms).error(error("terms")))
                    (button("Sign up").submit().primary())
                }
            }))
        }
    }
}

impl Signup {
    /// What is wrong, by field.
    fn errors(&self, with_empty: bool) -> HashMap<&'static str, &'static str> {
        let Draft { username, email, age, plan, terms } = &self.draft;
        let is_username = (3..=20).contains(&username.len()) && username.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_address = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.ends_with('.'));
        let checks = [
            // field, whether there is something in it, whether that will do, what to say if not
            ("username", !username.is_empty(), is_username, "3 to 20 small letters, a to z."),
            ("username", true, self.is_free != Some(false), "This name is taken."),
            ("email", !email.is_empty(), is_address, "An address such as ada@example.org."),
            ("age", age.is_some(), age.is_some_and(|age| (13..=130).contains(&age)), "A number from 13 to 130."),
            ("plan", plan.is_some(), plan.as_deref().is_some_and(|plan| PLANS.contains(&plan)), "Choose a plan."),
            ("terms", *terms, *terms, "Please read the terms first."),
        ];
        let failed = checks.into_iter().filter(|(_, is_filled, is_fine, _)| !is_fine && (*is_filled || with_empty));
        failed.map(|(field, _, _, message)| (field, message)).collect()
    }

    /// Runs while the visitor types, who goes on while the answer is on its way.
    fn check(&mut self, draft: Draft, cx: &Cx<Self>) {
        let before = std::mem::replace(&mut self.draft, draft).username;
        if before == self.draft.username {
            return;
        }
        self.is_free = None;
        self.is_asking = !self.errors(true).contains_key("username");
        if self.is_asking {
            let (accounts, username) = (cx.state::<Accounts>(), self.draft.username.clone());
            cx.spawn(async move { (accounts.is_free(&username, false).await, username) }, Self::checked);
        }
    }

    fn checked(&mut self, (is_free, username): (bool, String)) {
        // The answer may be late, and about an earlier name.
        if username == self.draft.username {
            (self.is_free, self.is_asking) = (Some(is_free), false);
        }
    }

    async fn submit(&mut self, draft: Draft, cx: &Cx<Self>) {
        self.check(draft, cx);
        self.is_submitted = true;
        if self.errors(true).is_empty() && !self.is_done {
            self.is_done = cx.state::<Accounts>().is_free(&self.draft.username, true).await;
            (self.is_free, self.is_asking) = (Some(self.is_done), false);
        }
    }
}
