//! A form that checks while it is filled in: typed fields, errors beside them, and a question to a slow service.
//!
//! `cargo run -p livefloe-examples --bin signup`, then open <http://127.0.0.1:8000>.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use livefloe::{
    App, Component, Cx, Markup, html,
    widget::{TextKind, alert, button, card, checkbox, number, page_header, radio, text_field},
};
use serde::{Deserialize, Serialize};

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    App::new().state(Accounts::default()).page("/", Signup::default).serve("127.0.0.1:8000").await
}

/// Stands for a database: slow, and shared by all sessions.
pub(crate) struct Accounts(Mutex<HashSet<String>>);

impl Default for Accounts {
    fn default() -> Self {
        Self(Mutex::new(["ada", "grace", "linus"].map(str::to_owned).into()))
    }
}

impl Accounts {
    const MAX: usize = 10_000;
    const DELAY: Duration = Duration::from_millis(300);

    async fn is_free(&self, username: &str) -> bool {
        tokio::time::sleep(Self::DELAY).await;
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(username)
    }

    /// `false` when somebody else was faster.
    async fn create(&self, username: &str) -> Result<bool, &'static str> {
        tokio::time::sleep(Self::DELAY).await;
        let mut usernames = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if usernames.len() == Self::MAX {
            return Err("there is no room for another account");
        }
        Ok(usernames.insert(username.to_owned()))
    }
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Signup {
    draft: Draft,
    availability: Availability,
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
    plan: Option<Plan>,
    #[serde(default)]
    terms: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Plan {
    Hobby,
    Team,
}

/// What is known of the username.
#[derive(Default, PartialEq, Serialize, Deserialize)]
enum Availability {
    #[default]
    Unknown,
    Asked,
    Free,
    Taken,
}

impl Component for Signup {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let Self { draft, .. } = self;
        if self.is_done {
            return html! {
                (page_header(format!("Welcome, {}!", draft.username)))
                (alert(html! { "We wrote to " (draft.email) "." }).success())
                (button("Sign up somebody else").on_click(cx.on(Self::restart)))
            };
        }
        let errors = self.errors(self.is_submitted);
        let error = |field: &str| errors.get(field).copied();
        let help = match self.availability {
            Availability::Asked => Some("Looking whether it is free…"),
            Availability::Free => Some("This name is free."),
            Availability::Unknown | Availability::Taken => None,
        };
        let plan = draft.plan.map(|plan| match plan {
            Plan::Hobby => "Hobby",
            Plan::Team => "Team",
        });
        html! {
            (page_header("Sign up").subtitle("It checks while you type, and never takes away your text."))
            (card(html! {
                // `novalidate`: in the page's own words, not in the browser's.
                form.lf-form novalidate method="post" lf-submit=(cx.form(Self::submit)) lf-input=(cx.form(Self::check)) lf-debounce="250" {
                    (text_field("Username", "username").value(&*draft.username).error(error("username")).help(help).autocomplete("username"))
                    (text_field("E-mail", "email").value(&*draft.email).error(error("email")).kind(TextKind::Email).autocomplete("email"))
                    (number("Age", "age").value(draft.age).error(error("age")))
                    (radio("Plan", "plan").options(["Hobby", "Team"]).selected(plan).error(error("plan")).inline())
                    (checkbox("I have read the terms", "terms").checked(draft.terms).error(error("terms")))
                    (button("Sign up").submit().primary())
                }
            }))
        }
    }

    fn title(&self) -> Option<String> {
        Some("Sign up".to_owned())
    }
}

impl Signup {
    /// What is wrong, by field.
    fn errors(&self, with_empty: bool) -> HashMap<&'static str, &'static str> {
        let Draft { username, email, age, plan, terms } = &self.draft;
        let is_username = (3..=20).contains(&username.len()) && username.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_address = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.ends_with('.'));
        // The field, whether there is something in it, whether that will do, and what to say if not.
        let checks = [
            ("username", !username.is_empty(), is_username, "3 to 20 small letters, a to z."),
            ("username", true, self.availability != Availability::Taken, "This name is taken."),
            ("email", !email.is_empty(), is_address, "An address such as ada@example.org."),
            ("age", age.is_some(), age.is_some_and(|age| (13..=130).contains(&age)), "A number from 13 to 130."),
            ("plan", plan.is_some(), plan.is_some(), "Choose a plan."),
            ("terms", *terms, *terms, "Please read the terms first."),
        ];
        let failed = checks.into_iter().filter(|(_, is_filled, is_fine, _)| !is_fine && (*is_filled || with_empty));
        failed.map(|(field, _, _, message)| (field, message)).collect()
    }

    /// Runs while the visitor types.
    fn check(&mut self, draft: Draft, cx: &Cx<Self>) {
        let is_other_name = draft.username != self.draft.username;
        self.draft = draft;
        if !is_other_name {
            return;
        }
        self.availability = Availability::Unknown;
        if !self.errors(true).contains_key("username") {
            self.availability = Availability::Asked;
            let (accounts, username) = (cx.state::<Accounts>(), self.draft.username.clone());
            // The visitor goes on typing while the answer is on its way.
            cx.spawn(async move { (accounts.is_free(&username).await, username) }, Self::checked);
        }
    }

    fn checked(&mut self, (is_free, username): (bool, String)) {
        // The answer may be late, and about an earlier name.
        if username == self.draft.username {
            self.availability = if is_free { Availability::Free } else { Availability::Taken };
        }
    }

    async fn submit(&mut self, draft: Draft, cx: &Cx<Self>) -> Result<(), &'static str> {
        self.check(draft, cx);
        self.is_submitted = true;
        if self.errors(true).is_empty() {
            self.is_done = cx.state::<Accounts>().create(&self.draft.username).await?;
            self.availability = if self.is_done { Availability::Free } else { Availability::Taken };
        }
        Ok(())
    }

    fn restart(&mut self) {
        *self = Self::default();
    }
}
