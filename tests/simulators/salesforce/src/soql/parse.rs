//! From tokens to a query.
//!
//! Nesting is bounded, and AND and OR may not be mixed without parentheses, as in SOQL.

use super::token::{Token, malformed, tokens};
use crate::refusal::Refusal;

const DEPTH_LIMIT: usize = 32;

/// A parsed query.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) fields: Vec<String>,
    pub(crate) object: String,
    pub(crate) condition: Option<Condition>,
    /// Field and whether descending.
    pub(crate) order: Vec<(String, bool)>,
    pub(crate) limit: Option<usize>,
}

/// A WHERE clause.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare {
        field: String,
        operator: Operator,
        value: Literal,
    },
    In {
        field: String,
        negated: bool,
        list: List,
    },
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    Unequal,
    Less,
    Greater,
    AtMost,
    AtLeast,
    Like,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(f64),
    Boolean(bool),
    Null,
}

/// The right side of IN.
#[derive(Debug, Clone)]
pub(crate) enum List {
    Literals(Vec<Literal>),
    Query(Box<Query>),
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// Parses a whole query.
pub(crate) fn parse(text: &str) -> Result<Query, Refusal> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let query = parser.query()?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn unexpected(&self) -> Refusal {
        match self.peek() {
            None => malformed("unexpected end of query"),
            Some(Token::Word(word)) => malformed(format!("unexpected token: '{word}'")),
            Some(Token::Text(text)) => malformed(format!("unexpected token: '{text}'")),
            Some(Token::Number(number)) => malformed(format!("unexpected token: '{number}'")),
            Some(Token::Symbol(symbol)) => malformed(format!("unexpected token: '{symbol}'")),
        }
    }

    fn is_word(&self, wanted: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted))
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = self.is_word(wanted);
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(symbol)) if *symbol == wanted);
        self.at += usize::from(found);
        found
    }

    fn expect_word(&mut self, wanted: &str) -> Result<(), Refusal> {
        if self.take_word(wanted) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn expect_symbol(&mut self, wanted: &str) -> Result<(), Refusal> {
        if self.take_symbol(wanted) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn name(&mut self) -> Result<String, Refusal> {
        match self.peek() {
            Some(Token::Word(word))
                if word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')) =>
            {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn deeper(&mut self) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            Err(malformed("query is too complicated"))
        } else {
            Ok(())
        }
    }

    fn query(&mut self) -> Result<Query, Refusal> {
        self.deeper()?;
        self.expect_word("SELECT")?;
        let mut fields = vec![self.name()?];
        while self.take_symbol(",") {
            fields.push(self.name()?);
        }
        self.expect_word("FROM")?;
        let object = self.name()?;
        let condition = if self.take_word("WHERE") {
            Some(self.condition()?)
        } else {
            None
        };
        let order = if self.take_word("ORDER") {
            self.order()?
        } else {
            Vec::new()
        };
        let limit = if self.take_word("LIMIT") {
            Some(self.limit()?)
        } else {
            None
        };
        self.depth -= 1;
        Ok(Query {
            fields,
            object,
            condition,
            order,
            limit,
        })
    }

    fn order(&mut self) -> Result<Vec<(String, bool)>, Refusal> {
        self.expect_word("BY")?;
        let mut order = Vec::new();
        loop {
            let field = self.name()?;
            let descending = self.take_word("DESC");
            if !descending {
                self.take_word("ASC");
            }
            if self.take_word("NULLS") && !self.take_word("FIRST") {
                // NULLS LAST would need another order than the one that evaluation has.
                return Err(self.unexpected());
            }
            order.push((field, descending));
            if !self.take_symbol(",") {
                return Ok(order);
            }
        }
    }

    fn limit(&mut self) -> Result<usize, Refusal> {
        match self.peek() {
            Some(Token::Number(number)) if *number >= 0.0 && number.fract() == 0.0 && *number <= 50_000.0 => {
                let limit = *number as usize;
                self.at += 1;
                Ok(limit)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn condition(&mut self) -> Result<Condition, Refusal> {
        self.deeper()?;
        let mut parts = vec![self.term()?];
        let any = self.is_word("OR");
        let word = if any { "OR" } else { "AND" };
        while self.take_word(word) {
            parts.push(self.term()?);
        }
        if self.is_word("AND") || self.is_word("OR") {
            return Err(self.unexpected());
        }
        self.depth -= 1;
        Ok(if any {
            Condition::Any(parts)
        } else {
            Condition::All(parts)
        })
    }

    fn term(&mut self) -> Result<Condition, Refusal> {
        if self.take_word("NOT") {
            self.deeper()?;
            let negated = self.term()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(negated)));
        }
        if self.take_symbol("(") {
            let inner = self.condition()?;
            self.expect_symbol(")")?;
            return Ok(inner);
        }
        let field = self.name()?;
        let negated = self.take_word("NOT");
        if self.take_word("IN") {
            return Ok(Condition::In {
                field,
                negated,
                list: self.list()?,
            });
        }
        if negated {
            return Err(self.unexpected());
        }
        let operator = self.operator()?;
        let value = self.literal()?;
        Ok(Condition::Compare { field, operator, value })
    }

    fn operator(&mut self) -> Result<Operator, Refusal> {
        if self.take_word("LIKE") {
            return Ok(Operator::Like);
        }
        let operator = match self.peek() {
            Some(Token::Symbol("=")) => Operator::Equal,
            Some(Token::Symbol("!=" | "<>")) => Operator::Unequal,
            Some(Token::Symbol("<")) => Operator::Less,
            Some(Token::Symbol(">")) => Operator::Greater,
            Some(Token::Symbol("<=")) => Operator::AtMost,
            Some(Token::Symbol(">=")) => Operator::AtLeast,
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(operator)
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        let value = match self.peek() {
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Number(number)) => Literal::Number(*number),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("null") => Literal::Null,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Literal::Boolean(false),
            _ => return Err(self.unexpected()),
        };
        self.next();
        Ok(value)
    }

    fn list(&mut self) -> Result<List, Refusal> {
        self.expect_symbol("(")?;
        let list = if self.is_word("SELECT") {
            List::Query(Box::new(self.query()?))
        } else {
            let mut literals = vec![self.literal()?];
            while self.take_symbol(",") {
                literals.push(self.literal()?);
            }
            List::Literals(literals)
        };
        self.expect_symbol(")")?;
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_queries_of_the_facts_parse() {
        for query in [
            "SELECT Id,DeveloperName,NamespacePrefix,ManageableState FROM NamedCredential WHERE DeveloperName='Akeneo'",
            "select Id from PermissionSet where Name='X' and NamespacePrefix=null",
            "SELECT Id FROM A WHERE (B = 1 OR C IN ('x','y')) AND NOT D LIKE '%z' ORDER BY Id DESC NULLS FIRST, B LIMIT 5",
            "SELECT Id FROM A WHERE B NOT IN (SELECT C FROM D WHERE E = true)",
        ] {
            assert!(parse(query).is_ok(), "{query}");
        }
    }

    #[test]
    fn the_rest_is_malformed() {
        let deep = format!("SELECT Id FROM A WHERE {}B=1{}", "(".repeat(100), ")".repeat(100));
        for query in [
            "",
            "SELECT FROM A",
            "SELECT Id, FROM A",
            "SELECT Id FROM A WHERE",
            "SELECT Id FROM A WHERE B = 1 AND C = 2 OR D = 3",
            "SELECT COUNT() FROM A",
            "SELECT Id FROM A GROUP BY Id",
            "SELECT Id FROM A LIMIT -1",
            "SELECT Id FROM A LIMIT 1 LIMIT 1",
            "DELETE FROM A",
            &deep,
        ] {
            assert_eq!(parse(query).unwrap_err().code, "MALFORMED_QUERY", "{query}");
        }
    }
}
