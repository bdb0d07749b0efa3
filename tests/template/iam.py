"""A small evaluator of IAM policies: what a role may do, decided as AWS decides it (deny wins, wildcards in both halves)."""

import fnmatch
import re


def listed(value):
    """IAM writes one or several; this always gives several."""
    return value if isinstance(value, list) else [value]


def statements(stack, role):
    """All statements of a role, inline and from managed policies of this stack; anything else is an error."""
    properties = stack.properties(role)
    found = [s for policy in properties.get("Policies", []) for s in listed(policy["PolicyDocument"]["Statement"])]
    for managed in properties.get("ManagedPolicyArns", []):
        assert managed in stack.resources, f"{role} has the foreign managed policy {managed}"
        found += listed(stack.properties(managed)["PolicyDocument"]["Statement"])
    return found


def role_of(stack, function):
    """Logical id of a function's own role."""
    return stack.properties(function)["Role"].removesuffix(".Arn")


def _matches(pattern, text):
    return re.fullmatch(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


def decided(found, action, resource):
    """Whether statements allow this; conditions on an Allow are taken as met, those on a Deny as unmet."""
    decision = False
    for statement in found:
        hit = any(_matches(a.lower(), action.lower()) for a in listed(statement["Action"])) and any(
            _matches(r, resource) for r in listed(statement["Resource"])
        )
        if hit and statement["Effect"] == "Deny" and "Condition" not in statement:
            return False
        decision |= hit and statement["Effect"] == "Allow"
    return decision


def allows(stack, role, action, resource):
    """Whether the role may do this."""
    return decided(statements(stack, role), action, resource)
