"""CloudWatch's filter patterns for JSON, as far as the runbooks use them: `{ $.a.b = "text*" && $.c != 3 || $.d NOT EXISTS }`.

Why: moto stores log events and takes such a pattern, but lets every event through. It must refuse what it does not know.
"""

import fnmatch
import json
import re

TOKEN = re.compile(r'\s*(\|\||&&|!=|>=|<=|[(){}=<>]|"(?:[^"\\]|\\.)*"|\$(?:\.\w+)+|NOT EXISTS|IS NULL|[\w.*-]+)')
MISSING = object()


class NotAPattern(Exception):
    """CloudWatch Logs would answer InvalidParameterException."""


def compiled(pattern):
    """A predicate over the text of a log event."""
    tokens, place = [], 0
    while pattern[place:].strip():
        found = TOKEN.match(pattern, place)
        if not found:
            raise NotAPattern(pattern)
        tokens.append(found.group(1))
        place = found.end()
    if tokens[:1] != ["{"] or tokens[-1:] != ["}"]:
        raise NotAPattern(pattern)
    reader = _Reader(tokens[1:-1])
    rule = reader.either()
    if reader.tokens:
        raise NotAPattern(pattern)
    return lambda message: _is_object(message) and rule(json.loads(message))


def _is_object(message):
    try:
        return isinstance(json.loads(message), dict)
    except ValueError:
        return False


class _Reader:
    def __init__(self, tokens):
        self.tokens = tokens

    def _take(self):
        if not self.tokens:
            raise NotAPattern("it ends too early")
        return self.tokens.pop(0)

    def either(self):
        rules = [self.both()]
        while self.tokens[:1] == ["||"]:
            self._take()
            rules.append(self.both())
        return lambda event: any(rule(event) for rule in rules)

    def both(self):
        rules = [self.one()]
        while self.tokens[:1] == ["&&"]:
            self._take()
            rules.append(self.one())
        return lambda event: all(rule(event) for rule in rules)

    def one(self):
        if self.tokens[:1] == ["("]:
            self._take()
            rule = self.either()
            if self._take() != ")":
                raise NotAPattern("a bracket is open")
            return rule
        selector, operator = self._take(), self._take()
        if not selector.startswith("$."):
            raise NotAPattern(selector)
        path = selector.split(".")[1:]
        if operator == "NOT EXISTS":
            return lambda event: _at(event, path) is MISSING
        if operator == "IS NULL":
            return lambda event: _at(event, path) is None
        if operator not in ("=", "!="):
            raise NotAPattern(operator)
        wanted = self._take()
        return lambda event: _equal(_at(event, path), wanted, operator == "=")


def _at(event, path):
    for name in path:
        if not isinstance(event, dict) or name not in event:
            return MISSING
        event = event[name]
    return event


def _equal(found, wanted, equal):
    # A field that is not there matches neither way.
    if found is MISSING or isinstance(found, dict | list):
        return False
    text = wanted[1:-1] if wanted.startswith('"') else wanted
    return fnmatch.fnmatchcase(found if isinstance(found, str) else json.dumps(found), text.replace("[", "[[]")) is equal
