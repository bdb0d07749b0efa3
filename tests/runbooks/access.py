"""Plays IAM: what a role may do, by the policies that moto has for it at the moment.

moto keeps roles and lets everybody do everything. Statements are decided as the template's tests do. It must not know what a function
needs.
"""

import json
import threading

from iam import decided, listed

SERVICES = {"dynamodb": "DynamoDB_", "secretsmanager": "secretsmanager.", "events": "AWSEvents."}


class Denied(Exception):
    """AWS would refuse this call."""


class Access:
    def __init__(self, world):
        self.world = world
        self._client = world.client("iam")
        self._known = {}
        self._lock = threading.Lock()

    def forget(self):
        """Somebody changed something."""
        self._known.clear()

    def allows(self, role, action, resource):
        return decided(self._statements(role.rsplit("/", 1)[-1]), action, resource)

    def check(self, function, service, target, body):
        """Refuses a call of a function that its role does not allow."""
        if service not in SERVICES:
            raise Denied(f"no statement speaks of {service}")
        action = f"{service}:{target.rsplit('.', 1)[-1]}"
        role = self.world.role_of(function)
        for resource in self._resources(service, action, json.loads(body)):
            if not self.allows(role, action, resource):
                raise Denied(f"User: {role} is not authorized to perform: {action} on resource: {resource}")

    def _resources(self, service, action, asked):
        arn = self.world.arn
        if service == "dynamodb":
            index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
            return [arn("dynamodb", f"table/{asked['TableName']}{index}")]
        if service == "events":
            return [arn("events", f"event-bus/{entry.get('EventBusName', 'default')}") for entry in asked["Entries"]]
        name = asked["Name"] if action.endswith(":CreateSecret") else asked["SecretId"]
        # AWS adds six characters of its own to the name of a secret that exists.
        ending = "" if action.endswith(":CreateSecret") else "-AbCdEf"
        return [name if name.startswith("arn:") else arn("secretsmanager", f"secret:{name}{ending}")]

    def _statements(self, role):
        with self._lock:
            if role not in self._known:
                names = self._client.list_role_policies(RoleName=role)["PolicyNames"]
                documents = [self._client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
                self._known[role] = [statement for document in documents for statement in listed(document["Statement"])]
            return self._known[role]
