//! A form that checks while it is filled in: typed fields, errors beside them, and a question to a slow service.
//!
//! `cargo run -p livefloe-examples --bin signup`, then open <http://127.0.0.1:8000>.

use std::{
    collections::HashSet,
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
    /// Whether the visitor has tried: from then on empty fields are wrong as well.
    is_submitted: bool,
    username: Availability,
    is_done: bool,
}

/// The form as it stands: everything the visitor may leave in it, so that nothing typed is ever refused or lost.
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
                (page_header("Sign up"))
                (alert(html! { p { "We wrote to " strong { (draft.email) } "." } }).success().title(format!("Welcome, {}!", draft.username)))
                (button("Sign up somebody else").on_click(cx.on(Self::restart)))
            };
        }
        // An empty field is an error only once the visitor has tried.
        let error = |is_empty: bool, error: Option<&'static str>| error.filter(|_| self.is_submitted || !is_empty);
        let fields = html! {
            (text_field("Username", "username").value(&*draft.username).autocomplete("username")
                .error(error(draft.username.is_empty(), self.username_error())).help(self.username_help()))
            (text_field("E-mail", "email").kind(TextKind::Email).value(&*draft.email).autocomplete("email")
                .error(error(draft.email.is_empty(), draft.email_error())))
            (number("Age", "age").value(draft.age).error(error(draft.age.is_none(), draft.age_error())))
            (radio("Plan", "plan").options(["Hobby", "Team"]).selected(draft.plan.map(Plan::name)).inline()
                .error(error(true, draft.plan.is_none().then_some("Choose a plan."))))
            (checkbox("I have read the terms", "terms").checked(draft.terms)
                .error(error(true, (!draft.terms).then_some("Please read the terms first."))))
            (button("Sign up").submit().primary())
        };
        html! {
            (page_header("Sign up").subtitle("It checks while you type, and never takes away what you typed."))
            // `novalidate`: the page's own words, not the browser's.
            (card(html! {
                form.lf-form novalidate method="post" lf-submit=(cx.form(Self::submit)) lf-input=(cx.form(Self::check)) lf-debounce="250" {
                    (fields)
                }
            }))
        }
    }

    fn title(&self) -> Option<String> {
        Some("Sign up".to_owned())
    }
}

impl Draft {
    fn username_error(&self) -> Option<&'static str> {
        let is_name = (3..=20).contains(&self.username.len()) && self.username.bytes().all(|byte| byte.is_ascii_lowercase());
        (!is_name).then_some("3 to 20 small letters, a to z.")
    }

    fn email_error(&self) -> Option<&'static str> {
        let is_address =
            self.email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.ends_with('.'));
        (!is_address).then_some("An address such as ada@example.org.")
    }

    fn age_error(&self) -> Option<&'static str> {
        match self.age {
            None => Some("How old are you?"),
            Some(13..=130) => None,
            Some(..13) => Some("You have to be 13 or older."),
            Some(_) => Some("Nobody is that old."),
        }
    }
}

impl Plan {
    fn name(self) -> &'static str {
        match self {
            Self::Hobby => "Hobby",
            Self::Team => "Team",
        }
    }
}

impl Signup {
    fn username_error(&self) -> Option<&'static str> {
        self.draft.username_error().or((self.username == Availability::Taken).then_some("This name is taken."))
    }

    fn username_help(&self) -> Option<&'static str> {
        match self.username {
            Availability::Asked => Some("Looking whether it is free…"),
            Availability::Free => Some("This name is free."),
            Availability::Unknown | Availability::Taken => None,
        }
    }

    fn is_valid(&self) -> bool {
        let Draft { plan, terms, .. } = self.draft;
        let errors = [self.username_error(), self.draft.email_error(), self.draft.age_error()];
        errors.iter().all(Option::is_none) && plan.is_some() && terms
    }

    /// Runs while the visitor types.
    fn check(&mut self, draft: Draft, cx: &Cx<Self>) {
        let is_new = draft.username != self.draft.username;
        self.draft = draft;
        if !is_new {
            return;
        }
        self.username = Availability::Unknown;
        if self.username_error().is_none() {
            self.username = Availability::Asked;
            let (accounts, username) = (cx.state::<Accounts>(), self.draft.username.clone());
            // The visitor goes on typing while the answer is on its way.
            cx.spawn(async move { (accounts.is_free(&username).await, username) }, Self::checked);
        }
    }

    fn checked(&mut self, (is_free, username): (bool, String)) {
        // Answers may come late: this one may be about an earlier name.
        if username == self.draft.username {
            self.username = if is_free { Availability::Free } else { Availability::Taken };
        }
    }

    async fn submit(&mut self, draft: Draft, cx: &Cx<Self>) -> Result<(), &'static str> {
        if draft.username != self.draft.username {
            self.username = Availability::Unknown;
        }
        self.draft = draft;
        self.is_submitted = true;
        if self.is_valid() {
            self.is_done = cx.state::<Accounts>().create(&self.draft.username).await?;
            self.username = if self.is_done { Availability::Unknown } else { Availability::Taken };
        }
        Ok(())
    }

    fn restart(&mut self) {
        *self = Self::default();
    }
}
