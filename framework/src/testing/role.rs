//! [`Role`]: what an element is to the person in front of it, as browsers tell screen readers.
//!
//! Source: <https://www.w3.org/TR/html-aam-1.0/#html-element-role-mappings>. It differs where tests want it to: a password is a textbox,
//! a form is a form and a `summary` a button whether or not a browser says so.

use std::{fmt, str::FromStr};

use super::Node;

macro_rules! roles {
    ($($variant:ident $name:literal)+) => {
        /// What an element is to the person in front of it: a role of WAI-ARIA 1.2, see <https://www.w3.org/TR/wai-aria-1.2/#role_definitions>.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Role {
            $(#[doc = concat!("`", $name, "`")] $variant),+
        }

        impl Role {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name, as the attribute `role` says it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

roles! {
    Alert "alert" AlertDialog "alertdialog" Article "article" Banner "banner" Blockquote "blockquote" Button "button" Caption "caption"
    Cell "cell" Checkbox "checkbox" Code "code" ColumnHeader "columnheader" Combobox "combobox" Complementary "complementary"
    ContentInfo "contentinfo" Definition "definition" Dialog "dialog" Feed "feed" Figure "figure" Form "form" Grid "grid"
    GridCell "gridcell" Group "group" Heading "heading" Img "img" Link "link" List "list" Listbox "listbox" ListItem "listitem" Log "log"
    Main "main" Marquee "marquee" Math "math" Menu "menu" Menubar "menubar" MenuItem "menuitem" MenuItemCheckbox "menuitemcheckbox"
    MenuItemRadio "menuitemradio" Meter "meter" Navigation "navigation" Note "note" Option "option" Paragraph "paragraph"
    ProgressBar "progressbar" Radio "radio" RadioGroup "radiogroup" Region "region" Row "row" RowGroup "rowgroup" RowHeader "rowheader"
    Scrollbar "scrollbar" Search "search" Searchbox "searchbox" Separator "separator" Slider "slider" SpinButton "spinbutton"
    Status "status" Switch "switch" Tab "tab" Table "table" TabList "tablist" TabPanel "tabpanel" Term "term" Textbox "textbox"
    Timer "timer" Toolbar "toolbar" Tooltip "tooltip" Tree "tree" TreeGrid "treegrid" TreeItem "treeitem"
}

/// There is no such role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a role such as {}, got `{got}`", nearest(got).join(", "))]
pub struct UnknownRole {
    got: String,
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        // What browsers and people call it, too.
        let name = if name == "image" { "img" } else { name };
        Self::ALL.iter().copied().find(|role| role.as_str() == name).ok_or_else(|| UnknownRole { got: name.to_owned() })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Role {
    /// The role of an element: the one that it says itself, or else what HTML gives it.
    pub(super) fn of(node: Node<'_>) -> Option<Self> {
        if let Some(said) = node.attribute("role") {
            let known = said.split_ascii_whitespace().find_map(|role| match role {
                "none" | "presentation" | "generic" => Some(None),
                _ => role.parse().ok().map(Some),
            });
            if let Some(role) = known {
                return role;
            }
        }
        Self::of_html(node)
    }

    fn of_html(node: Node<'_>) -> Option<Self> {
        Some(match node.name() {
            "a" | "area" if node.attribute("href").is_some() => Self::Link,
            "button" | "summary" => Self::Button,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "input" => return Self::of_input(node),
            "textarea" => Self::Textbox,
            "select" => {
                let shows_many = node.attribute("multiple").is_some() || node.attribute("size").is_some_and(|size| size != "1");
                if shows_many { Self::Listbox } else { Self::Combobox }
            }
            "option" => Self::Option,
            "img" if node.attribute("alt") == Some("") => return None,
            "img" => Self::Img,
            "svg" if node.attribute("aria-label").is_some() => Self::Img,
            "table" => Self::Table,
            "caption" => Self::Caption,
            "thead" | "tbody" | "tfoot" => Self::RowGroup,
            "tr" => Self::Row,
            "td" => Self::Cell,
            "th" if node.attribute("scope").is_some_and(|scope| scope.starts_with("row")) => Self::RowHeader,
            "th" => Self::ColumnHeader,
            "ul" | "ol" | "menu" => Self::List,
            "li" => Self::ListItem,
            "dt" | "dfn" => Self::Term,
            "dd" => Self::Definition,
            "form" => Self::Form,
            "search" => Self::Search,
            "nav" => Self::Navigation,
            "main" => Self::Main,
            "aside" => Self::Complementary,
            "article" => Self::Article,
            "section" if is_named(node) => Self::Region,
            "header" if !is_in_section(node) => Self::Banner,
            "footer" if !is_in_section(node) => Self::ContentInfo,
            "dialog" => Self::Dialog,
            "progress" => Self::ProgressBar,
            "meter" => Self::Meter,
            "output" => Self::Status,
            "fieldset" | "details" | "optgroup" | "address" | "hgroup" => Self::Group,
            "figure" => Self::Figure,
            "hr" => Self::Separator,
            "p" => Self::Paragraph,
            "blockquote" => Self::Blockquote,
            "code" => Self::Code,
            "math" => Self::Math,
            _ => return None,
        })
    }

    fn of_input(node: Node<'_>) -> Option<Self> {
        Some(match node.attribute("type").map(str::to_ascii_lowercase).as_deref() {
            Some("hidden") => return None,
            Some("checkbox") => Self::Checkbox,
            Some("radio") => Self::Radio,
            Some("range") => Self::Slider,
            Some("number") => Self::SpinButton,
            Some("button" | "submit" | "reset" | "image" | "file" | "color") => Self::Button,
            _ if node.attribute("list").is_some() => Self::Combobox,
            Some("search") => Self::Searchbox,
            _ => Self::Textbox,
        })
    }

    /// Whether what is in it is its name.
    pub(super) fn is_named_by_content(self) -> bool {
        matches!(
            self,
            Self::Button
                | Self::Cell
                | Self::Checkbox
                | Self::ColumnHeader
                | Self::GridCell
                | Self::Heading
                | Self::Link
                | Self::MenuItem
                | Self::MenuItemCheckbox
                | Self::MenuItemRadio
                | Self::Option
                | Self::Radio
                | Self::Row
                | Self::RowHeader
                | Self::Switch
                | Self::Tab
                | Self::Tooltip
                | Self::TreeItem
        )
    }

    /// Whether it is for clicking.
    pub(super) fn is_clicked(self) -> bool {
        matches!(
            self,
            Self::Button
                | Self::Checkbox
                | Self::Link
                | Self::MenuItem
                | Self::MenuItemCheckbox
                | Self::MenuItemRadio
                | Self::Radio
                | Self::Switch
                | Self::Tab
                | Self::TreeItem
        )
    }
}

fn is_named(node: Node<'_>) -> bool {
    ["aria-label", "aria-labelledby", "title"].iter().any(|name| node.attribute(name).is_some())
}

/// A header or footer in one of these is not the page's.
fn is_in_section(node: Node<'_>) -> bool {
    std::iter::successors(node.parent(), |node| node.parent())
        .any(|around| matches!(around.name(), "article" | "aside" | "main" | "nav" | "section"))
}

/// Roles that are written like this.
fn nearest(got: &str) -> Vec<&'static str> {
    let got: Vec<char> = got.to_lowercase().chars().collect();
    let likeness = |role: &Role| {
        let role: Vec<char> = role.as_str().chars().collect();
        similar::diff_ratio(&similar::capture_diff_slices(similar::Algorithm::Myers, &got, &role), got.len(), role.len())
    };
    let mut roles: Vec<_> = Role::ALL.iter().map(|role| (likeness(role), role.as_str())).collect();
    roles.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    roles.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::Role;
    use crate::testing::Dom;

    #[test]
    fn elements_have_the_roles_that_browsers_tell() {
        let cases = [
            ("<a href=\"/\">x</a>", Some(Role::Link)),
            ("<a>x</a>", None),
            ("<div>x</div>", None),
            ("<div role=\"fancy tab\">x</div>", Some(Role::Tab)),
            ("<ul role=\"presentation\"></ul>", None),
            ("<div role=\"fancy\">x</div>", None),
            ("<input>", Some(Role::Textbox)),
            ("<input type=\"password\">", Some(Role::Textbox)),
            ("<input type=\"RANGE\">", Some(Role::Slider)),
            ("<input type=\"hidden\">", None),
            ("<input list=\"towns\">", Some(Role::Combobox)),
            ("<select></select>", Some(Role::Combobox)),
            ("<select multiple></select>", Some(Role::Listbox)),
            ("<img src=\"x\" alt=\"\">", None),
            ("<img src=\"x\">", Some(Role::Img)),
            ("<header></header>", Some(Role::Banner)),
            ("<section></section>", None),
            ("<section aria-label=\"News\"></section>", Some(Role::Region)),
            ("<th scope=\"row\"></th>", Some(Role::RowHeader)),
            ("<output></output>", Some(Role::Status)),
        ];
        for (html, expected) in cases {
            let dom = Dom::parse_page(html, &[]);
            assert_eq!(dom.elements().next().and_then(Role::of), expected, "{html}");
        }
        let dom = Dom::parse_page("<section><header></header></section>", &[]);
        assert_eq!(dom.elements().filter_map(Role::of).count(), 0);
    }

    #[test]
    fn a_role_that_is_none_says_which_there_are() {
        assert_eq!("heading".parse(), Ok(Role::Heading));
        let error = "buton".parse::<Role>().unwrap_err().to_string();
        assert!(error.starts_with("expected a role such as button, ") && error.ends_with("got `buton`"), "{error}");
    }
}
