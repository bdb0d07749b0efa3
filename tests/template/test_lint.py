"""cfn-lint over what CloudFormation will really see: SAM sources hide misspelled actions and dangling references from it."""

import json
import pathlib
import subprocess
import sys

import pytest
from stack_template import REGION, ROOT, Stack, read


def lint(path):
    command = [pathlib.Path(sys.executable).with_name("cfn-lint"), "--regions", REGION, "--format", "parseable", "--", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {
            "CertificateArn": "arn:aws:acm:eu-central-1:111122223333:certificate/0aa1",
            "AppSecretKmsKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/0aa1",
            "SubnetIds": "subnet-1,subnet-2",
            "SecurityGroupIds": "sg-1",
            "Architecture": "arm64",
        },
    ],
    ids=["plain", "everything"],
)
def test_translated_template_is_clean(tmp_path, parameters):
    path = tmp_path / "translated.json"
    path.write_text(json.dumps(Stack(**parameters).template))
    result = lint(path)
    assert (result.returncode, result.stdout) == (0, "")


def test_observability_is_clean():
    result = lint(ROOT / "infra" / "observability.yaml")
    assert (result.returncode, result.stdout) == (0, "")


def test_lint_sees_a_misspelled_action(tmp_path):
    source = read()
    statement = source["Resources"]["OperatorRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][-1]
    statement["Action"] = "secretsmanager:DeleteSecrets"
    path = tmp_path / "translated.json"
    path.write_text(json.dumps(Stack(source).template))
    assert "deletesecrets" in lint(path).stdout.lower()
