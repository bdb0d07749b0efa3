"""schedule-undelivered: the policy of a schedule's role was taken away, so that the scheduler may not start the function."""

RECONCILER, ROLE, POLICY = "wiring-reconciler", "ReconcileScheduleRole", "reconcile-schedule"


def test_the_policy_is_put_back(world):
    iam, role = world.client("iam"), world.deployment.physical[ROLE]
    world.access.forget()
    iam.delete_role_policy(RoleName=role, PolicyName=POLICY)
    for _ in range(2):
        assert world.tick(RECONCILER) is None
    assert world.waiting("ScheduleDeadLetters") == 2
    assert "schedule-undelivered" in world.alarms.evaluate()

    shell = world.shell("schedule-undelivered")
    seen = shell.run(0)
    assert seen.count("AccessDeniedException") == 2 and f"schedule/default/{world.name}-{RECONCILER}" in seen
    assert "is not authorized to perform: lambda:InvokeFunction" in seen
    assert f"{world.name}-health-sweep\tENABLED\t" in seen

    shell.run(1, NAME=RECONCILER, POLICY=POLICY)
    [restored] = [iam.get_role_policy(RoleName=role, PolicyName=POLICY)["PolicyDocument"]["Statement"]]
    [wanted] = [policy["PolicyDocument"]["Statement"] for policy in world.template.properties(ROLE)["Policies"]]
    assert restored == wanted
    assert world.tick(RECONCILER) == {"reconciled": 0}

    assert '"status": "success"' in shell.run(2, FUNCTION="salesforce-patch")
    assert world.waiting("ScheduleDeadLetters") == 0
    world.alarms.evaluate(minutes=6)
    over = shell.run(3)
    assert over.startswith("0\n") and f"{world.name}-schedule-undelivered\tOK" in over
