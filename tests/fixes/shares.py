"""The situations in which the program prints a command of a share that is made of pods."""

from tests.fixes.situation import Situation

SHARES = (
    Situation(
        "somebody moved the traffic while pods got a share: the next run settles it",
        ("tests/components/test_pod_canary.py::test_where_somebody_moves_the_service_meanwhile_no_label_is_touched",),
        """
        components/traffic/canary_pods.py
          CanaryPods._refuse_moved: pulumi up
        """,
    ),
    Situation(
        "the endpoints did not follow a share in pods in time, and have followed since",
        ("tests/components/test_pod_canary.py::test_a_pod_that_is_not_ready_is_never_attached",),
        """
        components/rules/errors.py
          ShareUnverified: pulumi up
        components/traffic/canary_pods.py
          CanaryPods._until: pulumi up
        """,
    ),
    Situation(
        "no pod of the color that is to take a share back got connections, and one does again",
        ("tests/components/test_pod_canary.py::test_the_way_back_asks_only_that_the_active_color_answers",),
        """
        components/strategies/blue_green/pod_canary.py
          PodCanary.before: pulumi up
        """,
    ),
    Situation(
        "the same of a share that one selector of both colors makes: more pods than it takes are there, and then not",
        ("tests/components/test_replica_canary.py::test_more_pods_than_the_share_takes_are_waited_out",),
        """
        components/strategies/blue_green/replica_canary.py
          ReplicaCanary.before: pulumi up
        """,
    ),
    Situation(
        "the same of that share on its way back: the endpoints did not follow, and then they do",
        ("tests/components/test_replica_canary.py::test_back_is_not_told_while_endpoints_of_the_other_color_are_left",),
        """
        components/traffic/replicas.py
          ReplicaRouter.narrow: pulumi up
        """,
    ),
    Situation(
        "the same of that share: the active color did not answer, and then it does",
        ("tests/components/test_replica_canary.py::test_nobody_is_sent_back_to_a_color_that_does_not_answer",),
        """
        components/strategies/blue_green/replica_canary.py
          ReplicaCanary._narrow: pulumi up
        """,
    ),
    Situation(
        "somebody else wrote the live Service while its selector was to be set",
        (
            "tests/components/test_replica_canary.py::test_a_write_of_somebody_else_in_between_is_looked_at_again_and_not_undone",
            "tests/components/test_replica_canary.py::test_a_service_that_somebody_moved_is_put_right_and_the_share_given_again",
        ),
        """
        components/traffic/replicas.py
          ReplicaRouter._moved: pulumi up
          ReplicaRouter._changes: pulumi up
        """,
    ),
)
