//! Rows of cells.

use maud::{Markup, Render};

use super::{
    Value,
    tag::{Tag, close},
};

/// What stands in a cell: a [`Value`], or markup such as a button.
#[derive(Clone, Debug)]
pub struct Cell<'a>(Content<'a>);

#[derive(Clone, Debug)]
enum Content<'a> {
    Value(Value<'a>),
    Markup(Markup),
}

impl<'a, V: Into<Value<'a>>> From<V> for Cell<'a> {
    fn from(value: V) -> Self {
        Self(Content::Value(value.into()))
    }
}

impl From<Markup> for Cell<'_> {
    fn from(markup: Markup) -> Self {
        Self(Content::Markup(markup))
    }
}

impl Cell<'_> {
    fn is_number(&self) -> bool {
        matches!(&self.0, Content::Value(value) if value.is_number())
    }
}

impl Render for Cell<'_> {
    fn render_to(&self, buffer: &mut String) {
        match &self.0 {
            Content::Value(value) => value.render_to(buffer),
            Content::Markup(markup) => markup.render_to(buffer),
        }
    }
}

/// The cells of one row: an array, a `Vec`, or a tuple of up to eight, whose cells may differ in type.
pub trait Cells<'a> {
    /// The cells from left to right.
    fn into_cells(self) -> Vec<Cell<'a>>;
}

impl<'a, T: Into<Cell<'a>>> Cells<'a> for Vec<T> {
    fn into_cells(self) -> Vec<Cell<'a>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<'a, T: Into<Cell<'a>>, const N: usize> Cells<'a> for [T; N] {
    fn into_cells(self) -> Vec<Cell<'a>> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! cells_of_tuples {
    ($(($($name:ident)+))+) => {$(
        impl<'a, $($name: Into<Cell<'a>>),+> Cells<'a> for ($($name,)+) {
            fn into_cells(self) -> Vec<Cell<'a>> {
                #[allow(non_snake_case, reason = "a type's name serves as its value's too")]
                let ($($name,)+) = self;
                vec![$($name.into()),+]
            }
        }
    )+};
}

cells_of_tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}

/// A table, see [`table`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Table<'a> {
    headers: Vec<Value<'a>>,
    rows: Vec<(Value<'a>, Vec<Cell<'a>>)>,
    caption: Value<'a>,
}

/// A table with these headers, one for each column. Numbers are aligned to the right.
///
/// ```
/// use livefloe::{html, widget::{button, table}};
///
/// let table = table(["Name", "Right", ""])
///     .row(("CNN", 0.994, html! { (button("Use")) }))
///     .row(("MLP", 0.982, html! { (button("Use")) }))
///     .caption("Digits, 360 held out");
/// # let _ = html! { (table) };
/// ```
pub fn table<'a, H: Into<Value<'a>>>(headers: impl IntoIterator<Item = H>) -> Table<'a> {
    Table { headers: headers.into_iter().map(Into::into).collect(), rows: Vec::new(), caption: Value::nothing() }
}

impl<'a> Table<'a> {
    /// Adds a row.
    pub fn row(self, cells: impl Cells<'a>) -> Self {
        self.keyed_row(Value::nothing(), cells)
    }

    /// Adds a row with a key that tells it from its neighbours when the rows change.
    pub fn keyed_row(mut self, key: impl Into<Value<'a>>, cells: impl Cells<'a>) -> Self {
        self.rows.push((key.into(), cells.into_cells()));
        self
    }

    /// Adds rows.
    pub fn rows<R: Cells<'a>>(mut self, rows: impl IntoIterator<Item = R>) -> Self {
        let rows = rows.into_iter().map(|row| (Value::nothing(), row.into_cells()));
        self.rows.extend(rows);
        self
    }

    /// What the table shows, written above it. None by default.
    pub fn caption(mut self, caption: impl Into<Value<'a>>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Whether a column holds numbers, judged by its first row.
    fn is_number_column(&self, column_index: usize) -> bool {
        self.rows.first().and_then(|(_, cells)| cells.get(column_index)).is_some_and(Cell::is_number)
    }
}

impl Render for Table<'_> {
    fn render_to(&self, buffer: &mut String) {
        // The frame scrolls sideways where the table is wider than the page.
        buffer.push_str("<div class=\"lf-table\"><table>");
        if !self.caption.is_empty() {
            buffer.push_str("<caption>");
            self.caption.render_to(buffer);
            close(buffer, "caption");
        }
        buffer.push_str("<thead><tr>");
        for (column_index, header) in self.headers.iter().enumerate() {
            let class = self.is_number_column(column_index).then_some("lf-number");
            let tag = Tag::open(buffer, "th").maybe("class", class).attribute("scope", "col");
            header.render_to(tag.end());
            close(buffer, "th");
        }
        buffer.push_str("</tr></thead><tbody>");
        for (key, cells) in &self.rows {
            Tag::open(buffer, "tr").optional("lf-key", key).end();
            for cell in cells {
                let tag = Tag::open(buffer, "td").maybe("class", cell.is_number().then_some("lf-number"));
                cell.render_to(tag.end());
                close(buffer, "td");
            }
            close(buffer, "tr");
        }
        buffer.push_str("</tbody></table></div>");
    }
}
