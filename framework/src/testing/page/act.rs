//! What a person does: clicks, types, chooses, presses keys.

use form_urlencoded::Serializer;

use super::{
    super::{
        Node, Target, TestError, field,
        find::{self, Purpose},
        outline::{line, option_value},
        reader::squeezed,
    },
    Page, Refusal,
};
use crate::{protocol::ClientMessage, tree::dom::NodeId, upload};

impl Page {
    /// Clicks a button, a link or whatever else is called this: its words, its label, or `#id`. A submit button submits its form; a link without a handler
    /// says where it goes, see [`navigated`](Self::navigated).
    ///
    /// # Errors
    /// When nothing is called so, or more than one thing; nothing would happen; or the event is refused.
    pub async fn click(&mut self, target: impl Into<Target>) -> Result<(), TestError> {
        self.begin();
        let id = self.find(&target.into(), Purpose::Click)?;
        self.may_act(id)?;
        let Some(node) = self.node(id) else { return Ok(()) };
        // A click on a label is one on its control.
        let label = node.name() == "label";
        let control = if label { node.find(|inside| find::is_control(&inside)) } else { Some(node) };
        if let Some(control) = control.filter(|control| field::is_switch(*control)) {
            let on = control.attribute("type") == Some("radio") || !field::is_on(control, &self.entered);
            return self.switch(control.id(), on).await;
        }
        let handler = find::closest(node, "lf-click").map(Node::id);
        let is_submit = node.name() == "button" && node.attribute("type").is_none_or(|kind| kind == "submit")
            || node.name() == "input" && node.attribute("type") == Some("submit");
        let form = find::form(node).filter(|_| is_submit).map(Node::id);
        if let Some(handler) = handler {
            let pair = self
                .node(handler)
                .and_then(|node| Some((node.attribute("name").unwrap_or("value").to_owned(), node.attribute("value")?.to_owned())));
            let payload = pair.map(|(name, value)| Serializer::new(String::new()).append_pair(&name, &value).finish()).unwrap_or_default();
            self.event(handler, "lf-click", payload).await?;
        }
        if let Some(form) = form {
            return self.submit_form(form, Some(id)).await;
        }
        if handler.is_some() {
            return Ok(());
        }
        self.click_for_the_browser(id).await
    }

    /// Enters text into the field with this label, name, placeholder, or `#id`, and leaves the field. In a list of choices it chooses.
    ///
    /// # Errors
    /// When there is no such field, or more than one; it takes no text; or its event is refused, then the text stays in the field.
    pub async fn enter(&mut self, field: impl Into<Target>, text: &str) -> Result<(), TestError> {
        self.begin();
        let control = self.find(&field.into(), Purpose::Enter)?;
        self.may_act(control)?;
        let Some(node) = self.node(control) else { return Ok(()) };
        if node.name() == "select" {
            return self.choose(control, text).await;
        }
        if !find::is_control(&node) || field::is_switch(node) {
            return Err(self.impossible(control, "takes no text"));
        }
        if node.attribute("readonly").is_some() {
            return Err(self.impossible(control, "is read-only"));
        }
        self.entered.insert(control, text.to_owned());
        self.input(control).await
    }

    /// Chooses in a list or group of radio buttons, by what people see or by the value.
    ///
    /// # Errors
    /// When there is no such field, or no such choice, and the error says which there are; or its event is refused.
    pub async fn select(&mut self, field: impl Into<Target>, choice: &str) -> Result<(), TestError> {
        self.begin();
        let control = self.find(&field.into(), Purpose::Select)?;
        self.may_act(control)?;
        self.choose(control, choice).await
    }

    /// Switches the checkbox or radio button with this label on or off.
    ///
    /// # Errors
    /// When there is none, or more than one; or its event is refused.
    pub async fn check(&mut self, field: impl Into<Target>, on: bool) -> Result<(), TestError> {
        self.begin();
        let control = self.find(&field.into(), Purpose::Check)?;
        self.may_act(control)?;
        let Some(node) = self.node(control) else { return Ok(()) };
        if !field::is_switch(node) {
            // One that is made of something else is switched by clicking it.
            return if self.reader().is_checked(node).is_none() {
                Err(self.impossible(control, "can't be switched on or off"))
            } else if self.reader().is_checked(node) == Some(on) {
                Ok(())
            } else {
                self.click(control).await
            };
        }
        if node.attribute("type") == Some("radio") && !on {
            return Err(self.impossible(control, "can only be switched off by another of its group"));
        }
        self.switch(control, on).await
    }

    /// Chooses files in the control with this label, in place of those it has: each with its name, what it is said to be, such as `image/png`, and its bytes.
    ///
    /// # Errors
    /// When there is no such control, or it doesn't take these files; or its event is refused.
    pub async fn upload(&mut self, field: impl Into<Target>, files: &[(&str, &str, &[u8])]) -> Result<(), TestError> {
        self.begin();
        let control = self.find(&field.into(), Purpose::Read)?;
        self.may_act(control)?;
        let ticket = self.node(control).filter(|node| node.name() == field::UPLOAD).and_then(|node| node.attribute("ticket"));
        let Some(ticket) = ticket.map(str::to_owned) else { return Err(self.impossible(control, "takes no files")) };
        let mut references = Vec::new();
        for (name, kind, bytes) in files {
            match self.site.upload(&ticket, name, kind, bytes).await {
                Ok(reference) => references.push(reference),
                Err(words) => return Err(self.impossible(control, &format!("refuses {name}: {words}"))),
            }
        }
        self.entered.insert(control, if references.is_empty() { upload::REFERENCE.to_owned() } else { references.join(" ") });
        self.input(control).await
    }

    /// Submits the form that holds this field or button.
    ///
    /// # Errors
    /// When there is none, or the event is refused.
    pub async fn submit(&mut self, inside: impl Into<Target>) -> Result<(), TestError> {
        self.begin();
        let node = self.find(&inside.into(), Purpose::Submit)?;
        let form = self.node(node).and_then(find::form).map(Node::id);
        let form = form.ok_or_else(|| self.impossible(node, "is in no form"))?;
        self.submit_form(form, None).await
    }

    /// Presses a key, such as `Enter`, in a field. Where nothing listens to keys, `Enter` submits the form around it.
    ///
    /// # Errors
    /// When there is no such field, nothing would happen, or the event is refused.
    pub async fn press(&mut self, field: impl Into<Target>, key: &str) -> Result<(), TestError> {
        self.begin();
        let control = self.find(&field.into(), Purpose::Read)?;
        self.may_act(control)?;
        let listens = |node: &Node<'_>| node.attribute("lf-keys").is_none_or(|keys| keys.split(' ').any(|other| other == key));
        let node = self.node(control);
        let listening = node.and_then(|node| find::closest(node, "lf-keydown")).filter(listens).map(Node::id);
        let form = node.and_then(find::form).filter(|form| key == "Enter" && form.attribute("lf-submit").is_some()).map(Node::id);
        match (listening, form) {
            (Some(node), _) => self.event(node, "lf-keydown", Serializer::new(String::new()).append_pair("key", key).finish()).await,
            (None, Some(form)) => self.submit_form(form, None).await,
            (None, None) => Err(self.impossible(control, &format!("does not listen to the key {key}"))),
        }
    }

    fn find(&self, target: &Target, purpose: Purpose) -> Result<NodeId, TestError> {
        find::target(&self.reader(), target, purpose).map(Node::id)
    }

    /// Whether a person could do something with it.
    fn may_act(&self, id: NodeId) -> Result<(), TestError> {
        let (reader, node) = (self.reader(), self.node(id));
        if node.is_some_and(|node| reader.is_disabled(node)) {
            return Err(self.impossible(id, "is disabled"));
        }
        if node.is_some_and(|node| !reader.is_visible(node)) {
            return Err(self.impossible(id, "is hidden"));
        }
        Ok(())
    }

    fn impossible(&self, id: NodeId, why: &str) -> TestError {
        let what = self.node(id).map(|node| line(&self.reader(), node)).unwrap_or_default();
        TestError::Impossible { reason: format!("{what} {why}") }
    }

    /// What a browser does by itself.
    async fn click_for_the_browser(&mut self, id: NodeId) -> Result<(), TestError> {
        let node = self.node(id);
        let link = node.and_then(|node| find::closest(node, "href")).and_then(|link| link.attribute("href"));
        if let Some(address) = link {
            self.navigated = Some(address.to_owned());
            return Ok(());
        }
        let summary = node.and_then(|node| super::super::reader::around(node).find(|around| around.name() == "summary"));
        if let Some(details) = summary.and_then(Node::parent).filter(|parent| parent.name() == "details") {
            let (id, opens, listens) = (details.id(), details.attribute("open").is_none(), details.attribute("lf-toggle").is_some());
            self.dom.set(id, "open", opens.then_some(""));
            if listens {
                let open = if opens { "true" } else { "false" };
                return self.event(id, "lf-toggle", Serializer::new(String::new()).append_pair("open", open).finish()).await;
            }
            return Ok(());
        }
        Err(self.impossible(id, "does nothing when it is clicked: it has no handler, and submits no form that has one"))
    }

    async fn choose(&mut self, control: NodeId, choice: &str) -> Result<(), TestError> {
        let Some(node) = self.node(control) else { return Ok(()) };
        let is_group = find::is_radio_group(node);
        if node.name() != "select" && !is_group {
            return Err(self.impossible(control, "has no choices"));
        }
        let reader = self.reader();
        // What people see, what is sent, the node, and whether it can be chosen.
        let choices: Vec<(String, String, NodeId, bool)> = if is_group {
            let value = |radio: Node<'_>| radio.attribute("value").unwrap_or("on").to_owned();
            find::radios(node).map(|radio| (reader.name(radio), value(radio), radio.id(), !reader.is_disabled(radio))).collect()
        } else {
            let options = node.descendants().filter(|inside| inside.name() == "option");
            options.map(|option| (reader.name(option), option_value(option), option.id(), !reader.is_disabled(option))).collect()
        };
        let words = squeezed(choice);
        let seen = choices.iter().find(|(seen, ..)| *seen == words).or_else(|| choices.iter().find(|(_, value, ..)| value == choice));
        let Some((_, value, id, is_open)) = seen.cloned() else {
            let there: Vec<_> = choices.iter().map(|(seen, ..)| format!("{seen:?}")).collect();
            return Err(self.impossible(control, &format!("has no choice {choice:?}; it has {}", there.join(", "))));
        };
        if !is_open {
            return Err(self.impossible(id, "is disabled"));
        }
        if is_group {
            return self.switch(id, true).await;
        }
        self.entered.insert(control, value);
        self.input(control).await
    }

    async fn switch(&mut self, control: NodeId, on: bool) -> Result<(), TestError> {
        let others = match self.node(control) {
            Some(node) if on && node.attribute("type") == Some("radio") => field::others(node),
            _ => Vec::new(),
        };
        self.entered.extend(others.into_iter().map(|other| (other, field::switch(false))));
        self.entered.insert(control, field::switch(on));
        self.input(control).await
    }

    /// The events of a control whose value has changed.
    async fn input(&mut self, control: NodeId) -> Result<(), TestError> {
        for name in ["lf-input", "lf-change"] {
            let Some(node) = self.node(control).and_then(|node| find::closest(node, name)) else { continue };
            let payload = if node.name() == "form" {
                field::serialize(node, None, &self.entered)
            } else {
                let (name, value) = self.node(control).map(|control| field::value(control, &self.entered)).unwrap_or_default();
                Serializer::new(String::new()).append_pair(&name, &value).finish()
            };
            let id = node.id();
            self.event(id, name, payload).await?;
        }
        Ok(())
    }

    async fn submit_form(&mut self, form: NodeId, submitter: Option<NodeId>) -> Result<(), TestError> {
        let Some(node) = self.node(form).filter(|form| form.attribute("lf-submit").is_some()) else {
            return Err(self.impossible(submitter.unwrap_or(form), "submits a form that has no handler (on_submit, lf-submit)"));
        };
        let payload = field::serialize(node, submitter.and_then(|id| self.node(id)), &self.entered);
        let resets = node.attribute("lf-reset").is_some();
        let controls: Vec<NodeId> = node.descendants().map(Node::id).collect();
        self.event(form, "lf-submit", payload).await?;
        if resets {
            for control in &controls {
                self.entered.remove(control);
            }
        }
        Ok(())
    }

    /// Sends an event and waits until it is settled.
    async fn event(&mut self, node: NodeId, attribute: &str, payload: String) -> Result<(), TestError> {
        if let Some(path) = self.node(node).and_then(goes_to) {
            self.navigated = Some(path);
        }
        // An action that the server has nothing to do with: what it shows is the browser's.
        if self.node(node).and_then(|node| node.attribute(attribute)).is_some_and(str::is_empty) {
            return Ok(());
        }
        let found = self.node(node).and_then(|node| Some((node.attribute(attribute)?.as_bytes().try_into().ok()?, node.component())));
        let (handler, component) = found.ok_or_else(|| self.impossible(node, &format!("has no handler in its {attribute}")))?;
        self.sent += 1;
        let event = ClientMessage::Event { seq: self.sent, seen: self.applied, component: component.into(), handler, payload };
        self.unanswered = (0, 0);
        self.send(&event).await?;
        if !self.waits {
            return Ok(());
        }
        let seq = self.sent;
        self.until("the event to be settled", |page| page.settled >= seq).await?;
        match self.refusals.iter().position(|refusal| refusal.event == seq) {
            Some(index) => {
                let Refusal { code, message, fields, .. } = self.refusals.remove(index);
                Err(TestError::Refused { code, message, fields })
            }
            None => Ok(()),
        }
    }
}

/// Where the element's action takes the person.
fn goes_to(node: Node<'_>) -> Option<String> {
    let steps: serde_json::Value = serde_json::from_str(node.attribute("lf-act")?).ok()?;
    let step = steps.as_array()?.iter().rev().find(|step| step[0] == "go")?;
    Some(step[1].as_str()?.to_owned())
}
