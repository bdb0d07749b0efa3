"""The deployed stack as data: template.yaml read, translated as CloudFormation would, intrinsics evaluated.

Why: the tests of the template and the deployed journey both read the one definition, instead of repeating it.
It must not know any name of this stack; it only reads.
"""

import copy
import functools
import json
import pathlib
import re

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGION, ACCOUNT = "eu-central-1", "111122223333"

# What a deployment gives for the parameters without a default. None of these is real.
GIVEN = {
    "PublicUrl": "https://connect.example.com",
    "SalesforceClientId": "3MVG9.example_client",
    "SalesforceAppSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:connector-app-AbCdEf",
}
PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::StackName": "connector",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _tag(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)


def read(path="template.yaml"):
    """A template as plain values, aliases copied out so that changing one place changes only it."""
    return copy.deepcopy(json.loads(json.dumps(yaml.load((ROOT / path).read_text(), _Loader))))


def translate(template, parameters):
    """What CloudFormation's SAM transform makes of `template`."""
    values = {name: p.get("Default") for name, p in template.get("Parameters", {}).items() if "Default" in p}
    values.update(parameters)
    uploaded = copy.deepcopy(template)
    for resource in uploaded["Resources"].values():  # as `sam deploy` leaves it for CloudFormation
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/code.zip"
        if resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = f"https://s3.{REGION}.amazonaws.com/artifacts/nested.template"
    session = boto3.Session(region_name=REGION)
    return Translator(None, Parser(), boto_session=session).translate(uploaded, values)


class Stack:
    """A translated template with its intrinsics evaluated for given parameters."""

    def __init__(self, source=None, **parameters):
        self.source = source or read()
        self.physical = PSEUDO
        self.given = {**GIVEN, **parameters}
        self.template = translate(self.source, self.given)
        self.parameters = {name: p.get("Default") for name, p in self.template["Parameters"].items()}
        self.parameters.update(self.given)
        self.resources = self._of_this_deployment("Resources")

    def _of_this_deployment(self, part):
        return {
            name: self._evaluate(found)
            for name, found in self.template.get(part, {}).items()
            if "Condition" not in found or self._condition(found["Condition"])
        }

    def deployed_as(self, physical):
        """The same, with what a deployment gave to `Ref` and `GetAtt` (`"Table"`, `"Table.Arn"`, `"AWS::StackName"`)."""
        deployed = copy.copy(self)
        deployed.physical = {**PSEUDO, **physical}
        deployed.resources = deployed._of_this_deployment("Resources")
        return deployed

    @property
    def outputs(self):
        """Evaluated outputs."""
        return self._of_this_deployment("Outputs")

    def of_type(self, kind):
        """Resources of one type, by logical id."""
        return {name: r for name, r in self.resources.items() if r["Type"] == kind}

    def properties(self, name):
        """Evaluated properties of one resource."""
        return self.resources[name]["Properties"]

    def _condition(self, name):
        return bool(self._evaluate(self.template["Conditions"][name]))

    def _evaluate(self, value):
        if isinstance(value, list):
            items = [self._evaluate(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            handler = getattr(self, "_" + name.replace("Fn::", "").lower(), None) if name == "Ref" or name.startswith("Fn::") else None
            if handler:
                return handler(argument)
        evaluated = {key: self._evaluate(item) for key, item in value.items()}
        return {key: item for key, item in evaluated.items() if item is not NO_VALUE}

    def _ref(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.physical:
            return self.physical[name]
        if name in self.template.get("Parameters", {}):
            value = self.parameters[name]
            return value.split(",") if self.template["Parameters"][name]["Type"] == "CommaDelimitedList" else value
        return name  # a resource: its logical id stands for its physical one

    def _getatt(self, argument):
        name = ".".join(argument) if isinstance(argument, list) else argument
        return self.physical.get(name, name)

    def _sub(self, argument):
        text, names = (argument, {}) if isinstance(argument, str) else argument

        def replace(match):
            name = match.group(1)
            if name in names:
                return str(self._evaluate(names[name]))
            return str(self._getatt(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^!}]+)\}", replace, text)

    def _if(self, argument):
        condition, then, otherwise = argument
        return self._evaluate(then if self._condition(condition) else otherwise)

    def _equals(self, argument):
        left, right = self._evaluate(argument)
        return left == right

    def _not(self, argument):
        return not self._evaluate(argument)[0]

    def _join(self, argument):
        separator, items = argument
        return separator.join(self._evaluate(items))

    def _split(self, argument):
        separator, text = argument
        return self._evaluate(text).split(separator)

    def _select(self, argument):
        index, items = argument
        return self._evaluate(items)[int(index)]


@functools.cache
def table_definition():
    """Arguments of DynamoDB's CreateTable, and its TTL attribute, for the one table of the template."""
    [(_, table)] = Stack().of_type("AWS::DynamoDB::Table").items()
    properties = table["Properties"]
    create = {key: properties[key] for key in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")}
    create["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    return create, properties["TimeToLiveSpecification"]
