"""The situations in which the program prints a command about the route of a service and its shares."""

from tests.fixes.situation import Situation

ROUTES = (
    Situation(
        "users come by a route to the live Service: it is sent to the colors while it serves, has a canary, and back",
        ("tests/lifecycle/test_route.py::test_a_route_to_the_live_service_is_taken_has_a_canary_and_is_given_back",),
        """
        contract/weights.py
          _rules: cutover route
        cutover/operations/route/route.py
          route: cutover promote {} --weight 0
        """,
    ),
    Situation(
        "a route is not written, as what it is to send to is not as the file has it",
        ("tests/lifecycle/test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up",),
        """
        cutover/operations/route/edits.py
          to_live: cutover up
        cutover/operations/route/route.py
          _check: cutover up
          _check_ports: cutover release {}
        """,
    ),
    Situation(
        "no answer showed the weights of a route, and then they do",
        (
            "tests/components/test_route_gates.py::test_a_share_that_no_answer_shows_is_not_noted_and_the_next_run_looks_again",
            "tests/lifecycle/test_canary.py::test_a_move_that_no_answer_shows_fails_and_the_next_up_looks_again",
        ),
        """
        components/rules/errors.py
          RouteUnseen: pulumi up
        components/traffic/weighted_route.py
          WeightedRoute.until_seen: pulumi up
        """,
    ),
    Situation(
        "the Service that is to take a share had no endpoints, and has",
        ("tests/components/test_route_gates.py::test_a_color_whose_service_has_no_endpoints_gets_nothing",),
        """
        components/strategies/blue_green/own_endpoints.py
          until_endpoints: pulumi up
        """,
    ),
    Situation(
        "a second writer of a route leaves it alone from then on",
        (
            "tests/components/test_route_gates.py::test_a_second_writer_between_look_and_move_is_told_and_not_written_over",
        ),
        """
        components/traffic/weighted_route.py
          WeightedRoute._second: pulumi up
        """,
    ),
    Situation(
        "the weights of a route tell nothing: a run with the release that stands sets them, the next edit goes on",
        (
            "tests/components/test_virtual_service_gates.py::test_while_the_gateways_keep_shares_that_nobody_sees_no_other_release_is_put_there",
        ),
        """
        components/strategies/blue_green/route.py
          RouteGate.look_back: pulumi up
        """,
    ),
    Situation(
        "the load balancer has the shares of a step now: the next run asks the command again, and notes them",
        (
            "tests/components/test_route_gates.py::test_a_step_that_the_user_s_own_check_does_not_follow_is_not_noted_and_the_next_run_asks_again",
        ),
        """
        components/checks/verify.py
          VerifyAfter.ask_shares: pulumi up
        """,
    ),
)
