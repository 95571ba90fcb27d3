//! What a classifier says: names with their probabilities, the likeliest first.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close, text_element},
};

/// Names with probabilities, see [`label`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Label<'a> {
    scores: Vec<(Value<'a>, f64)>,
    top: usize,
    title: Value<'a>,
    placeholder: Value<'a>,
}

/// The likeliest names with a bar for each. Probabilities are brought into 0 to 1; NaN counts as 0.
///
/// ```
/// use livefloe::{Markup, html, widget::label};
///
/// fn result(probabilities: &[f32]) -> Markup {
///     html! { (label(probabilities.iter().copied().enumerate()).top(3).title("Digit")) }
/// }
/// assert!(result(&[0.1, 0.9]).into_string().contains("90.0%"));
/// ```
pub fn label<'a, N: Into<Value<'a>>, P: Into<f64>>(scores: impl IntoIterator<Item = (N, P)>) -> Label<'a> {
    let mut scores: Vec<_> = scores.into_iter().map(|(name, probability)| (name.into(), bounded(probability.into()))).collect();
    scores.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    Label { scores, top: 5, title: Value::nothing(), placeholder: Value::nothing() }
}

impl<'a> Label<'a> {
    /// How many names are shown. 5 by default.
    pub fn top(mut self, top: usize) -> Self {
        self.top = top;
        self
    }

    /// What the names say something about, shown above. None by default.
    pub fn title(mut self, title: impl Into<Value<'a>>) -> Self {
        self.title = title.into();
        self
    }

    /// What is shown while there are no names. None by default.
    pub fn placeholder(mut self, placeholder: impl Into<Value<'a>>) -> Self {
        self.placeholder = placeholder.into();
        self
    }
}

impl Render for Label<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "figure").attribute("class", "lf-scores").end();
        if !self.title.is_empty() {
            text_element(buffer, "figcaption", "lf-label", &self.title);
        }
        if self.scores.is_empty() && !self.placeholder.is_empty() {
            text_element(buffer, "p", "lf-muted", &self.placeholder);
        }
        buffer.push_str("<ol>");
        for (name, probability) in self.scores.iter().take(self.top) {
            let percent = probability * 100.0;
            Tag::open(buffer, "li").attribute("lf-key", name).end();
            text_element(buffer, "span", "lf-score-name", name);
            // A bar by attributes alone: an inline style would be blocked by a strict content security policy.
            // The number beside it says the same to a screen reader.
            Tag::open(buffer, "svg").attribute("aria-hidden", "true").end();
            Tag::open(buffer, "rect").attribute("width", format_args!("{percent:.1}%")).attribute("height", "100%").end();
            buffer.push_str("</rect></svg>");
            text_element(buffer, "span", "lf-score-value", format_args!("{percent:.1}%"));
            close(buffer, "li");
        }
        buffer.push_str("</ol>");
        close(buffer, "figure");
    }
}

fn bounded(probability: f64) -> f64 {
    if probability.is_nan() { 0.0 } else { probability.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::label;
    use maud::Render;

    #[test]
    fn likeliest_names_come_first_and_stay_within_bounds() {
        let scores = [("nan", f32::NAN), ("low", -1.0), ("high", f32::INFINITY), ("middle", 0.25)];
        let html = label(scores).top(3).render().into_string();
        let shown: Vec<_> = html.split("lf-score-name\">").skip(1).map(|part| &part[..part.find('<').unwrap()]).collect();
        assert_eq!(shown, ["high", "middle", "nan"]);
        assert!(html.contains("width=\"100.0%\"") && html.contains("width=\"25.0%\"") && html.contains("width=\"0.0%\""));
    }
}
