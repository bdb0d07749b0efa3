"""The operator API's description is valid, lies behind the guarded routes, and says what the code says."""

import re

import pytest
import yaml
from openapi_spec_validator import validate
from stack_template import ROOT


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load((ROOT / "infra" / "openapi.yaml").read_text())


def schema(document, name):
    return document["components"]["schemas"][name]["properties"]


def variants(path, enum):
    """Names of a Rust enum's variants as serde writes them."""
    body = re.search(rf"pub enum {enum} \{{\n(.*?)\n\}}", (ROOT / path).read_text(), re.DOTALL).group(1)
    names = re.findall(r"^    ([A-Z][A-Za-z]*)[,( {]", body, re.MULTILINE)
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in names}


def test_it_is_valid(document):
    validate(document)


def test_every_operation_is_behind_iam(document):
    assert document["security"] == [{"sigv4": []}]
    for path, item in document["paths"].items():
        assert path.startswith("/operator/")
        assert all("security" not in operation for operation in item.values() if isinstance(operation, dict))


def test_the_request_has_the_fields_that_the_code_reads(document):
    source = (ROOT / "functions/operator/src/invitations.rs").read_text()
    [fields] = re.findall(r"const FIELDS: \[&str; \d+\] = \[([^\]]*)\];", source)
    assert set(re.findall(r'"([a-z_]+)"', fields)) == set(schema(document, "NewInvitation"))
    default, most = re.search(r"const DAYS: \(u64, u64\) = \((\d+), (\d+)\);", source).groups()
    days = schema(document, "NewInvitation")["expires_in_days"]
    assert (days["default"], days["maximum"]) == (int(default), int(most))


def test_the_terms_have_the_fields_that_the_code_reads(document):
    source = (ROOT / "functions/operator/src/terms.rs").read_text()
    [fields] = re.findall(r"const FIELDS: \[&str; \d+\] = \[([^\]]*)\];", source)
    assert set(re.findall(r'"([a-z_]+)"', fields)) == set(schema(document, "Terms"))


def test_offboarding_has_the_fields_that_the_code_reads(document):
    source = (ROOT / "functions/operator/src/offboard.rs").read_text()
    [fields] = re.findall(r"const FIELDS: \[&str; \d+\] = \[([^\]]*)\];", source)
    assert set(re.findall(r'"([a-z_]+)"', fields)) == set(schema(document, "Offboard"))


def test_words_are_those_of_the_code(document):
    summary = schema(document, "Summary")
    stage = "shared/src/connection/stage.rs"
    schemas = document["components"]["schemas"]
    assert set(schemas["Stage"]["enum"]) == variants(stage, "Stage")
    assert set(schemas["Who"]["enum"]) == variants(stage, "Who")
    assert set(schemas["HealthState"]["enum"]) == variants("shared/src/connection/health.rs", "HealthState")
    assert set(schema(document, "Terms")["heal"]["enum"]) - {None} == variants("shared/src/connection/aggregate.rs", "HealPolicy")
    [details] = [part["properties"] for part in document["components"]["schemas"]["Details"]["allOf"] if "properties" in part]
    picklists = details["self_callout"]["properties"]
    assert set(picklists["stage"]["enum"]) == variants("shared/src/connection/self_callout.rs", "SelfStage")
    things = schema(document, "Certificate")["items"]["items"]["properties"]["thing"]["enum"]
    assert set(things) == variants("shared/src/connection/offboarding.rs", "OffboardedThing")
    assert set(schema(document, "Certificate")["waiting"]["enum"]) - {None} == variants("shared/src/connection/aggregate.rs", "Waiting")
    # The queue of events holds entries of the audit trail, not connections.
    assert set(summary["queue"]["enum"]) - {None} == variants("shared/src/store/records.rs", "Queue") - {"events"} - {"events"}
    source = (ROOT / "functions/operator/src/refusal.rs").read_text()
    assert set(schema(document, "Problem")["code"]["enum"]) == set(re.findall(r'StatusCode::[A-Z_]+, "([a-z_]+)"\)', source))
