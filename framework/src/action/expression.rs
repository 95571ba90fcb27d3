//! [`Expression`]: comparisons and arithmetic on bindings, as data that the client reads and the server runs.
//!
//! As JSON a value stands for itself, and a list is an operator and what it is about. The client has the same in `client-js/src/expression.js`;
//! `tests/expressions.json` holds the two to each other.

use std::ops;

use serde::Serialize;
use serde_json::{Value, json};

use super::source::Source;

/// Longer texts are refused: joining one to itself a few times would fill the memory.
const MAX_TEXT_BYTES: usize = 65_536;

/// Deeper expressions are refused, since reading one back takes stack.
const MAX_DEPTH: u8 = 32;

/// The largest number up to which a browser's numbers are exact: 2⁵³.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value that is made of bindings: `&count + 1`, `tab.is("b")`, `!&open`. Made from a [`Binding`](super::Binding), a number, a text or a truth by `into()`.
///
/// Numbers are those of a browser: exact up to 2⁵³, and a result that is whole counts as a whole number. Nothing is converted by itself: adding a text fails,
/// and then the event is refused. False are `false`, 0, empty text and nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    json: Value,
    /// What it mentions.
    pub(super) sources: Vec<Source>,
    depth: u8,
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// An operator got something that it is not for.
    #[error("`{operator}` expected a number, got {got}")]
    NotANumber {
        /// The operator.
        operator: String,
        /// What it got, as JSON.
        got: String,
    },
    /// The result is no number: a division by zero, or too large.
    #[error("`{operator}` of {left} and {right} is no number")]
    NoResult {
        /// The operator.
        operator: String,
        /// The first operand.
        left: String,
        /// The second one.
        right: String,
    },
    /// The result is a text of more than 65,536 bytes.
    #[error("expected a text of at most 65536 bytes, got {n_bytes}")]
    TooLong {
        /// How long it would be.
        n_bytes: usize,
    },
    /// It mentions a binding that is not there, or it is no expression.
    #[error("expected an expression on bindings that are there, got {got}")]
    Unknown {
        /// What is not known, as JSON.
        got: String,
    },
}

impl Expression {
    /// A value that stays: anything that serde writes as a truth, a number, a text or nothing, such as a variant of an enum without data.
    ///
    /// # Panics
    /// For anything else.
    #[must_use]
    pub fn value(value: impl Serialize) -> Self {
        match scalar(&value) {
            Ok(json) => Self { json, sources: Vec::new(), depth: 0 },
            Err(got) => panic!("expected a truth, a number, a text, a variant without data or nothing, got {got}"),
        }
    }

    pub(super) fn source(source: Source) -> Self {
        Self { json: json!(["get", source.id().as_str()]), sources: vec![source], depth: 0 }
    }

    /// Whether it equals something.
    #[must_use]
    pub fn is(&self, other: impl Into<Self>) -> Self {
        self.with("eq", other)
    }

    /// Whether it differs from something.
    #[must_use]
    pub fn is_not(&self, other: impl Into<Self>) -> Self {
        self.with("ne", other)
    }

    /// Whether it is a smaller number.
    #[must_use]
    pub fn is_below(&self, other: impl Into<Self>) -> Self {
        self.with("lt", other)
    }

    /// Whether it is a number that is no larger.
    #[must_use]
    pub fn is_at_most(&self, other: impl Into<Self>) -> Self {
        self.with("le", other)
    }

    /// Whether it is a larger number.
    #[must_use]
    pub fn is_above(&self, other: impl Into<Self>) -> Self {
        self.with("gt", other)
    }

    /// Whether it is a number that is no smaller.
    #[must_use]
    pub fn is_at_least(&self, other: impl Into<Self>) -> Self {
        self.with("ge", other)
    }

    /// This if it is false, and the other one otherwise.
    #[must_use]
    pub fn and(&self, other: impl Into<Self>) -> Self {
        self.with("and", other)
    }

    /// This if it is true, and the other one otherwise.
    #[must_use]
    pub fn or(&self, other: impl Into<Self>) -> Self {
        self.with("or", other)
    }

    /// The smaller of two numbers.
    #[must_use]
    pub fn at_most(&self, other: impl Into<Self>) -> Self {
        self.with("min", other)
    }

    /// The larger of two numbers.
    #[must_use]
    pub fn at_least(&self, other: impl Into<Self>) -> Self {
        self.with("max", other)
    }

    /// The whole number that is nearest; of two, the larger one.
    #[must_use]
    pub fn round(&self) -> Self {
        Self::apply("round", [self.clone()])
    }

    /// Both as texts, one after the other.
    #[must_use]
    pub fn join(&self, other: impl Into<Self>) -> Self {
        self.with("join", other)
    }

    /// One value if this is true, and another one if not.
    #[must_use]
    pub fn then(&self, yes: impl Into<Self>, no: impl Into<Self>) -> Self {
        Self::apply("if", [self.clone(), yes.into(), no.into()])
    }

    /// What it is by what the server knows now.
    ///
    /// # Errors
    /// When its parts don't fit together.
    pub fn now(&self) -> Result<Value, ExpressionError> {
        evaluate(&self.json, &mut |id| self.sources.iter().find(|source| source.id().as_str() == id).map(|source| source.value().clone()))
    }

    pub(super) fn json(&self) -> &Value {
        &self.json
    }

    fn with(&self, operator: &str, other: impl Into<Self>) -> Self {
        Self::apply(operator, [self.clone(), other.into()])
    }

    fn apply<const N: usize>(operator: &str, parts: [Self; N]) -> Self {
        let depth = parts.iter().map(|part| part.depth).max().unwrap_or_default() + 1;
        assert!(depth <= MAX_DEPTH, "expected an expression of at most {MAX_DEPTH} operators in each other; compute it in a handler");
        let mut json = vec![Value::from(operator)];
        let mut sources: Vec<Source> = Vec::new();
        for part in parts {
            json.push(part.json);
            for source in part.sources {
                if !sources.contains(&source) {
                    sources.push(source);
                }
            }
        }
        Self { json: json.into(), sources, depth }
    }

    /// An expression of these parts; for bindings to other languages.
    #[doc(hidden)]
    #[must_use]
    pub fn of(operator: &str, parts: Vec<Self>) -> Option<Self> {
        match (operator, <[Self; 1]>::try_from(parts)) {
            ("not" | "round", Ok(one)) => Some(Self::apply(operator, one)),
            ("if", Err(parts)) => Some(Self::apply(operator, <[Self; 3]>::try_from(parts).ok()?)),
            (
                "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "and" | "or" | "min" | "max" | "join" | "add" | "sub" | "mul" | "div" | "mod",
                Err(parts),
            ) => Some(Self::apply(operator, <[Self; 2]>::try_from(parts).ok()?)),
            _ => None,
        }
    }
}

/// What serde writes as one value; or else what it writes, for a message.
pub(crate) fn scalar(value: &impl Serialize) -> Result<Value, String> {
    match serde_json::to_value(value) {
        Ok(list @ (Value::Array(_) | Value::Object(_))) => Err(list.to_string()),
        Ok(scalar) => Ok(scalar),
        Err(error) => Err(error.to_string()),
    }
}

/// What an expression, as JSON, is; `get` gives the values of the bindings.
pub(super) fn evaluate(expression: &Value, get: &mut dyn FnMut(&str) -> Option<Value>) -> Result<Value, ExpressionError> {
    let Value::Array(parts) = expression else { return Ok(expression.clone()) };
    let unknown = || ExpressionError::Unknown { got: expression.to_string() };
    let Some((Value::String(operator), operands)) = parts.split_first() else { return Err(unknown()) };
    match (operator.as_str(), operands) {
        ("get", [Value::String(id)]) => get(id).ok_or_else(unknown),
        ("and", [left, right]) => match evaluate(left, get)? {
            left if is_true(&left) => evaluate(right, get),
            left => Ok(left),
        },
        ("or", [left, right]) => match evaluate(left, get)? {
            left if is_true(&left) => Ok(left),
            _ => evaluate(right, get),
        },
        ("if", [condition, yes, no]) => {
            let chosen = if is_true(&evaluate(condition, get)?) { yes } else { no };
            evaluate(chosen, get)
        }
        ("not", [only]) => Ok((!is_true(&evaluate(only, get)?)).into()),
        ("round", [only]) => {
            let value = evaluate(only, get)?;
            let number = number("round", &value)?;
            Ok(whole((number + 0.5).floor()).unwrap_or(value))
        }
        (_, [left, right]) => {
            let (left, right) = (evaluate(left, get)?, evaluate(right, get)?);
            combine(operator, &left, &right).unwrap_or_else(|| Err(unknown()))
        }
        _ => Err(unknown()),
    }
}

/// `None` for an operator that there is not.
fn combine(operator: &str, left: &Value, right: &Value) -> Option<Result<Value, ExpressionError>> {
    match operator {
        "eq" => return Some(Ok(equals(left, right).into())),
        "ne" => return Some(Ok((!equals(left, right)).into())),
        "join" => {
            let text = format!("{}{}", words(left), words(right));
            let n_bytes = text.len();
            return Some(if n_bytes > MAX_TEXT_BYTES { Err(ExpressionError::TooLong { n_bytes }) } else { Ok(text.into()) });
        }
        "lt" | "le" | "gt" | "ge" | "add" | "sub" | "mul" | "div" | "mod" | "min" | "max" => {}
        _ => return None,
    }
    let (a, b) = match (number(operator, left), number(operator, right)) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(error), _) | (_, Err(error)) => return Some(Err(error)),
    };
    let result = match operator {
        "lt" => return Some(Ok((a < b).into())),
        "le" => return Some(Ok((a <= b).into())),
        "gt" => return Some(Ok((a > b).into())),
        "ge" => return Some(Ok((a >= b).into())),
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "div" => a / b,
        "mod" => a - b * (a / b).floor(),
        "min" => a.min(b),
        _ => a.max(b),
    };
    Some(match whole(result) {
        Some(whole) => Ok(whole),
        None if result.is_finite() => Ok(result.into()),
        None => Err(ExpressionError::NoResult { operator: operator.to_owned(), left: left.to_string(), right: right.to_string() }),
    })
}

/// A number without a fraction as one that serde takes for whole.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within what is exact")]
fn whole(number: f64) -> Option<Value> {
    (number.fract() == 0.0 && number.abs() <= EXACT).then(|| (number as i64).into())
}

fn number(operator: &str, value: &Value) -> Result<f64, ExpressionError> {
    value.as_f64().ok_or_else(|| ExpressionError::NotANumber { operator: operator.to_owned(), got: value.to_string() })
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn equals(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

/// A value as text.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

macro_rules! from_values {
    ($($kind:ty),+) => {$(
        impl From<$kind> for Expression {
            fn from(value: $kind) -> Self {
                Self::value(value)
            }
        }
    )+};
}
from_values!(bool, i8, i16, i32, i64, u8, u16, u32, u64, usize, isize, f32, f64, &str, String, &String);

impl From<&Self> for Expression {
    fn from(expression: &Self) -> Self {
        expression.clone()
    }
}

macro_rules! operators {
    ($($operator:ident :: $method:ident => $name:literal),+) => {$(
        impl<T: Into<Expression>> ops::$operator<T> for Expression {
            type Output = Expression;
            fn $method(self, other: T) -> Expression {
                self.with($name, other)
            }
        }
        impl<T: Into<Expression>> ops::$operator<T> for &Expression {
            type Output = Expression;
            fn $method(self, other: T) -> Expression {
                self.with($name, other)
            }
        }
        impl<V, T: Into<Expression>> ops::$operator<T> for &super::Binding<V> {
            type Output = Expression;
            fn $method(self, other: T) -> Expression {
                self.with($name, other)
            }
        }
    )+};
}
operators!(Add::add => "add", Sub::sub => "sub", Mul::mul => "mul", Div::div => "div", Rem::rem => "mod");

impl ops::Not for Expression {
    type Output = Self;
    fn not(self) -> Self {
        Self::apply("not", [self])
    }
}

impl ops::Not for &Expression {
    type Output = Expression;
    fn not(self) -> Expression {
        Expression::apply("not", [self.clone()])
    }
}

impl<V> ops::Not for &super::Binding<V> {
    type Output = Expression;
    fn not(self) -> Expression {
        Expression::apply("not", [Expression::from(self)])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn an_expression_is_the_same_to_both_sides() {
        // The client's tests read the same file.
        let cases: Vec<(Value, Value)> = serde_json::from_str(include_str!("../../../tests/expressions.json")).unwrap();
        assert!(cases.len() > 40);
        for (expression, expected) in cases {
            let got = evaluate(&expression, &mut |id| match id {
                "n" => Some(3.into()),
                "text" => Some("b".into()),
                "off" => Some(false.into()),
                "none" => Some(Value::Null),
                _ => None,
            });
            match (&expected, got) {
                (Value::Object(_), Err(_)) => {}
                (expected, Ok(got)) if equals(expected, &got) => {}
                (expected, got) => panic!("{expression}: expected {expected}, got {got:?}"),
            }
        }
    }

    #[test]
    fn what_is_written_with_operators_is_data() {
        let two = Expression::from(2);
        let written = ((&two + 1) * 3 % 5).is_at_least(1).and(!two.is("2")).then("yes", two.at_most(7));
        assert_eq!(
            written.json().to_string(),
            r#"["if",["and",["ge",["mod",["mul",["add",2,1],3],5],1],["not",["eq",2,"2"]]],"yes",["min",2,7]]"#
        );
        assert_eq!(written.now(), Ok("yes".into()));
    }

    #[test]
    #[should_panic(expected = "at most 32 operators")]
    fn an_expression_is_not_deeper_than_it_can_be_read() {
        let mut deep = Expression::from(0);
        for _ in 0..40 {
            deep = deep + 1;
        }
    }
}
