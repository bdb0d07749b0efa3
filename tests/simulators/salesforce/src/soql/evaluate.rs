//! Which rows a query selects, in which order.
//!
//! Text is compared without case, ids in either length, null only with `=` and `!=`. A constant of the wrong type is an error, as in SOQL.

use std::cmp::Ordering;

use serde_json::Value;

use super::parse::{Condition, List, Literal, Operator, Query};
use super::schema::{self, Field, Kind, Table};
use super::token::{ESCAPED, malformed, plain};
use super::{Scene, rows};
use crate::identifier::same;
use crate::refusal::Refusal;

/// The rows that match, ordered and limited.
pub(crate) fn select(query: &Query, table: &'static Table, scene: Scene<'_>) -> Result<Vec<Value>, Refusal> {
    check_restrictions(query, table)?;
    let test = match &query.condition {
        Some(condition) => Some(bind(condition, table, scene)?),
        None => None,
    };
    let mut found = rows::rows(table, scene);
    found.retain(|row| test.as_ref().is_none_or(|test| test.holds(row)));
    let order: Vec<(Vec<&'static Field>, bool)> = query
        .order
        .iter()
        .map(|(name, descending)| schema::resolve(table, name).map(|path| (path, *descending)))
        .collect::<Result<_, _>>()?;
    found.sort_by(|left, right| {
        order.iter().fold(Ordering::Equal, |so_far, (path, descending)| {
            so_far.then_with(|| {
                let ordering = compare(value(left, path), value(right, path));
                if *descending { ordering.reverse() } else { ordering }
            })
        })
    });
    found.truncate(query.limit.unwrap_or(usize::MAX));
    Ok(found)
}

/// Two objects take only special queries (facts/salesforce 9).
fn check_restrictions(query: &Query, table: &Table) -> Result<(), Refusal> {
    if table.name != "SubscriberPackageVersion" {
        return Ok(());
    }
    let by_id = match &query.condition {
        Some(Condition::All(parts)) => parts.iter().any(|part| match part {
            Condition::Compare {
                field,
                operator: Operator::Equal,
                ..
            } => field.eq_ignore_ascii_case("Id"),
            Condition::In {
                field, negated: false, ..
            } => field.eq_ignore_ascii_case("Id"),
            _ => false,
        }),
        _ => false,
    };
    if by_id {
        return Ok(());
    }
    Err(malformed(
        "Implementation restriction: You can only perform queries of the form Id = 'SubscriberPackageVersionId'",
    ))
}

/// A condition whose fields are known and whose constants fit.
enum Test {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Vec<&'static Field>, Operator, Literal),
    In(Vec<&'static Field>, bool, Vec<Literal>),
}

fn bind(condition: &Condition, table: &'static Table, scene: Scene<'_>) -> Result<Test, Refusal> {
    let all = |parts: &[Condition]| {
        parts
            .iter()
            .map(|part| bind(part, table, scene))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match condition {
        Condition::All(parts) => Test::All(all(parts)?),
        Condition::Any(parts) => Test::Any(all(parts)?),
        Condition::Not(part) => Test::Not(Box::new(bind(part, table, scene)?)),
        Condition::Compare { field, operator, value } => {
            let path = filterable(table, field)?;
            check_type(&path, value)?;
            if *operator == Operator::Like && !matches!(value, Literal::Text(_)) {
                return Err(Refusal::bad(
                    "INVALID_QUERY_FILTER_OPERATOR",
                    "invalid operator on this field",
                ));
            }
            let value = if *operator == Operator::Like {
                value.clone()
            } else {
                without_marks(value)
            };
            Test::Compare(path, *operator, value)
        }
        Condition::In { field, negated, list } => {
            let path = filterable(table, field)?;
            let literals = match list {
                List::Literals(literals) => literals.iter().map(without_marks).collect(),
                List::Query(query) => semi_join(query, scene)?,
            };
            literals.iter().try_for_each(|literal| check_type(&path, literal))?;
            Test::In(path, *negated, literals)
        }
    })
}

fn without_marks(literal: &Literal) -> Literal {
    match literal {
        Literal::Text(text) => Literal::Text(plain(text)),
        other => other.clone(),
    }
}

fn filterable(table: &'static Table, name: &str) -> Result<Vec<&'static Field>, Refusal> {
    let path = schema::resolve(table, name)?;
    let complex = path.last().is_some_and(|field| field.kind == Kind::Complex);
    if complex || (table.name == "InstalledSubscriberPackage" && path.len() > 1) {
        return Err(Refusal::bad(
            "INVALID_FIELD",
            format!("field '{name}' can not be filtered in a query call"),
        ));
    }
    Ok(path)
}

fn check_type(path: &[&'static Field], literal: &Literal) -> Result<(), Refusal> {
    let Some(field) = path.last() else { return Ok(()) };
    let wanted = match (field.kind, literal) {
        (_, Literal::Null)
        | (Kind::Text | Kind::Id, Literal::Text(_))
        | (Kind::Boolean, Literal::Boolean(_))
        | (Kind::Number, Literal::Number(_)) => return Ok(()),
        (Kind::Text | Kind::Id, _) => "string and should be enclosed in quotes",
        (Kind::Boolean, _) => "boolean and should not be enclosed in quotes",
        _ => "double and should not be enclosed in quotes",
    };
    let message = format!(
        "value of filter criterion for field '{}' must be of type {wanted}",
        field.name
    );
    Err(Refusal::bad("INVALID_FIELD", message))
}

fn semi_join(query: &Query, scene: Scene<'_>) -> Result<Vec<Literal>, Refusal> {
    let table = schema::table(&query.object, scene)?;
    let [field] = query.fields.as_slice() else {
        return Err(malformed("The inner select must have exactly one field"));
    };
    let path = schema::resolve(table, field)?;
    let found = select(query, table, scene)?;
    Ok(found
        .iter()
        .filter_map(|row| value(row, &path).as_str())
        .map(|text| Literal::Text(text.to_owned()))
        .collect())
}

fn value<'a>(row: &'a Value, path: &[&'static Field]) -> &'a Value {
    path.iter()
        .fold(row, |place, field| place.get(field.name).unwrap_or(&Value::Null))
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => left
            .as_str()
            .unwrap_or_default()
            .to_lowercase()
            .cmp(&right.as_str().unwrap_or_default().to_lowercase()),
    }
}

fn equal(value: &Value, literal: &Literal, kind: Kind) -> bool {
    match (value, literal) {
        (Value::Null, Literal::Null) => true,
        (Value::String(text), Literal::Text(wanted)) if kind == Kind::Id => same(text, wanted),
        (Value::String(text), Literal::Text(wanted)) => text.to_lowercase() == wanted.to_lowercase(),
        (Value::Bool(is), Literal::Boolean(wanted)) => is == wanted,
        (Value::Number(number), Literal::Number(wanted)) => number.as_f64() == Some(*wanted),
        _ => false,
    }
}

fn ordering(value: &Value, literal: &Literal) -> Option<Ordering> {
    let other = match literal {
        Literal::Text(text) => Value::from(text.as_str()),
        Literal::Number(number) => Value::from(*number),
        Literal::Boolean(boolean) => Value::from(*boolean),
        Literal::Null => return None,
    };
    (!value.is_null()).then(|| compare(value, &other))
}

/// LIKE: `%` for any letters, `_` for one, without case.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    // One row of the classic table: which prefixes of the text the pattern so far can match.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match letter {
                '%' => reach[at] || (at > 0 && next[at - 1]),
                '_' => at > 0 && reach[at - 1],
                other => {
                    let escaped = ESCAPED.iter().find(|(mark, _)| *mark == other);
                    let wanted = escaped.map_or(other, |(_, letter)| *letter);
                    at > 0 && reach[at - 1] && text[at - 1] == wanted
                }
            };
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

impl Test {
    fn holds(&self, row: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(row)),
            Self::Not(part) => !part.holds(row),
            Self::Compare(path, operator, literal) => {
                let (value, kind) = (value(row, path), path.last().map_or(Kind::Text, |field| field.kind));
                match operator {
                    Operator::Equal => equal(value, literal, kind),
                    Operator::Unequal => !equal(value, literal, kind),
                    Operator::Like => {
                        matches!((value.as_str(), literal), (Some(text), Literal::Text(pattern)) if like(text, pattern))
                    }
                    Operator::Less => ordering(value, literal) == Some(Ordering::Less),
                    Operator::Greater => ordering(value, literal) == Some(Ordering::Greater),
                    Operator::AtMost => ordering(value, literal).is_some_and(|ordering| ordering != Ordering::Greater),
                    Operator::AtLeast => ordering(value, literal).is_some_and(|ordering| ordering != Ordering::Less),
                }
            }
            Self::In(path, negated, literals) => {
                let (value, kind) = (value(row, path), path.last().map_or(Kind::Text, |field| field.kind));
                literals.iter().any(|literal| equal(value, literal, kind)) != *negated
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn like_knows_both_wildcards() {
        for (text, pattern, expected) in [
            ("Akeneo", "ake%", true),
            ("Akeneo", "%NEO", true),
            ("Akeneo", "A_eneo", true),
            ("Akeneo", "A_neo", false),
            ("100%", "100\u{fdd0}", true),
            ("1000", "100\u{fdd0}", false),
            ("", "%", true),
            ("x", "", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%a%c", false),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} like {pattern}");
        }
    }
}
