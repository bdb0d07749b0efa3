//! Words, texts, numbers and symbols of a query.

use crate::refusal::Refusal;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Symbol(&'static str),
}

pub(crate) fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::bad("MALFORMED_QUERY", message)
}

/// Stands for `\%` and `\_` inside a text: in a pattern they are the letters themselves. No text contains these noncharacters.
pub(crate) const ESCAPED: [(char, char); 2] = [('\u{fdd0}', '%'), ('\u{fdd1}', '_')];

/// A text without the marks of escaped wildcards.
pub(crate) fn plain(text: &str) -> String {
    ESCAPED.iter().fold(text.to_owned(), |text, (mark, letter)| {
        text.replace(*mark, letter.encode_utf8(&mut [0; 4]))
    })
}

const SYMBOLS: &[&str] = &["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ","];

/// Splits a query.
pub(crate) fn tokens(query: &str) -> Result<Vec<Token>, Refusal> {
    let mut rest = query.trim_start();
    let mut list = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = if first == '\'' {
            let (text, length) = text(rest)?;
            list.push(Token::Text(text));
            length
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            list.push(Token::Symbol(symbol));
            symbol.len()
        } else {
            let end = rest
                .find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-' | ':')))
                .unwrap_or(rest.len());
            if end == 0 {
                return Err(malformed(format!("unexpected token: '{first}'")));
            }
            let word = &rest[..end];
            list.push(number(word).map_or_else(|| Token::Word(word.to_owned()), Token::Number));
            end
        };
        rest = rest[length..].trim_start();
    }
    Ok(list)
}

fn number(word: &str) -> Option<f64> {
    let starts = word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-');
    if starts { word.parse().ok() } else { None }
}

/// A quoted text and how long it is in the query.
fn text(rest: &str) -> Result<(String, usize), Refusal> {
    let mut value = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Ok((value, at + 1)),
            '\\' => match letters.next() {
                Some((_, escaped @ ('\'' | '"' | '\\'))) => value.push(escaped),
                Some((_, wildcard @ ('%' | '_'))) => {
                    value.extend(
                        ESCAPED
                            .iter()
                            .find(|(_, letter)| *letter == wildcard)
                            .map(|(mark, _)| *mark),
                    );
                }
                Some((_, 'n' | 'N')) => value.push('\n'),
                Some((_, 't' | 'T')) => value.push('\t'),
                Some((_, 'r' | 'R')) => value.push('\r'),
                _ => return Err(malformed("Illegal character sequence in string literal")),
            },
            other => value.push(other),
        }
    }
    Err(malformed("line 1:1 mismatched character '<EOF>' expecting '''"))
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    #[test]
    fn texts_keep_escaped_quotes() {
        let list = tokens("Name = 'O\\'Hara' AND N >= 2").unwrap();
        assert_eq!(list[2], Token::Text("O'Hara".to_owned()));
        assert_eq!(list[5], Token::Symbol(">="));
        assert_eq!(list[6], Token::Number(2.0));
    }

    #[test]
    fn open_texts_and_strange_letters_are_malformed() {
        for query in ["Name = 'x", "Name = #", "a = '\\q'"] {
            assert_eq!(tokens(query).unwrap_err().code, "MALFORMED_QUERY", "{query}");
        }
    }
}
