"""The situations in which the driver prints a command."""

from tests.fixes.situation import Situation

DRIVER = (
    Situation(
        "nothing is deployed yet, or not what the file says: an `up` makes it",
        ("tests/lifecycle/test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up",),
        """
        cutover/observe/judge.py
          _Judge.__init__: pulumi up --refresh --stack {}
        cutover/operations/adopt/from_cluster.py
          adopt: cutover up
        cutover/operations/canary/canary.py
          settled: cutover up
        cutover/operations/promote/promotable.py
          waiting: cutover up
        cutover/operations/release/abort.py
          _given_up: cutover up
        cutover/operations/rollback/rollback.py
          goal_of: cutover up
          _before_rolled: cutover up
        cutover/operations/traffic/switch.py
          target_of: cutover up
        cutover/provenance/release.py
          released: cutover up
        cutover/stackfile/pieces.py
          uneditable: cutover up
        """,
    ),
    Situation(
        "file and cluster differ, by a hand or a run that was broken off: an `up` settles it. The walk "
        "types it in every such state, and holds file, state and cluster to each other",
        (
            "tests/lifecycle/test_states.py::test_a_walk_through_the_states_of_a_release",
            "tests/lifecycle/test_status.py::test_a_live_service_moved_by_hand_is_drift_and_up_settles_it",
        ),
        """
        cutover/observe/judge.py
          _Judge.__init__: cutover up --stack {}
        cutover/observe/pod_shares.py
          _with_share: cutover up --stack {}
        cutover/operations/release/release.py
          _refuse_to_switch: cutover up
        cutover/operations/restart/restart.py
          _check: cutover up
          _workloads: cutover up
        cutover/operations/traffic/attach.py
          _Labels._until: cutover up
        cutover/operations/traffic/share_now.py
          until_taken_back: cutover up
        cutover/operations/traffic/switch.py
          forbidden: cutover up
        cutover/operations/up/change.py
          _put_right: cutover up
        cutover/operations/up/truth.py
          Truth.told: cutover up
        cutover/operations/up/way_back.py
          _not_gone_back: cutover up
          _fix: cutover up
        """,
    ),
    Situation(
        "the same of a front",
        ("tests/lifecycle/test_environments.py::test_killed_between_two_fronts",),
        """
        cutover/observe/fronts.py
          _differences: cutover up --stack {}
        """,
    ),
    Situation(
        "the shares of a route differ, or it was deleted: `up` sets them, a refresh makes a route of ours "
        "again as any object",
        (
            "tests/lifecycle/test_canary.py::test_what_somebody_else_set_is_told_and_taken_back",
            "tests/lifecycle/test_deleted.py::test_a_plain_run_names_what_is_missing_and_its_advice_helps",
        ),
        """
        cutover/observe/routes.py
          _Judge.__init__: cutover up --stack {}
          _Judge.__init__: pulumi up --refresh --stack {}
        """,
    ),
    Situation(
        "a color has a share of a route and no ready endpoint: its share goes back, and its Service is made anew",
        ("tests/lifecycle/test_canary_walk.py::test_a_canary_that_loses_its_endpoints_is_told_and_goes_back",),
        """
        cutover/observe/route_endpoints.py
          _difference: cutover promote {} --weight 0 --stack {}
          _difference: cutover up --stack {}
          _difference: kubectl delete service {} -n {}
        """,
    ),
    Situation(
        "a release waits on the idle color: it gets the traffic, or is given up. How it came there, decides nothing",
        ("tests/lifecycle/test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up",),
        """
        cutover/operations/promote/promote_after.py
          _wait: cutover promote {}
          _wait: cutover abort {}
        cutover/operations/promote/promotion.py
          _forward: cutover promote {}
        cutover/operations/rollback/rollback.py
          goal_of: cutover promote {}
        cutover/operations/traffic/switch.py
          forbidden: cutover promote {}
        cutover/operations/up/bring_up.py
          _waiting: cutover promote {}
        cutover/strategies/blue_green.py
          BlueGreen.ended: cutover promote {}
        """,
    ),
    Situation(
        "a release is on the idle color that nobody wants, or none: one with a build of its own takes its "
        "place, or it is given up",
        ("tests/lifecycle/test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up",),
        """
        contract/refusal.py
          mend_or_abort: cutover release {}{}
          mend_or_abort: cutover abort {}{}
        cutover/operations/canary/canary.py
          set_weight: cutover release {}
        cutover/operations/canary/walk.py
          _Walk._mended: cutover release {}
        cutover/operations/promote/promotable.py
          left_behind: cutover release {}
        cutover/operations/promote/promotion.py
          _revert: cutover release {}
          _forward: cutover release {}
        cutover/operations/restart/restart.py
          _workloads: cutover release {}
        cutover/operations/rollback/rollback.py
          goal_of: cutover release {}
        cutover/operations/traffic/switch.py
          forbidden: cutover release {}
        """,
    ),
    Situation(
        "a release was left or sent back, and is wanted all the same",
        ("tests/lifecycle/test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up",),
        """
        cutover/operations/promote/promotable.py
          left_behind: cutover promote {} --again
        """,
    ),
    Situation(
        "the release before is to serve again",
        ("tests/lifecycle/test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up",),
        """
        cutover/operations/canary/canary.py
          refuse_at_once: cutover rollback {}
        cutover/operations/promote/promote_after.py
          promote_after: cutover rollback {}
        cutover/operations/rollback/at_once.py
          _instead: cutover rollback {}
        cutover/operations/traffic/switch.py
          _by_an_up: cutover rollback {}
        """,
    ),
    Situation(
        "requests failed under load, and what is live stays",
        ("tests/lifecycle/test_driver_load.py::test_without_a_bake_lost_requests_fail_the_run_and_the_release_stays",),
        """
        cutover/operations/bake/load.py
          UnderLoad._way_back: cutover rollback {}
        """,
    ),
    Situation(
        "fronts are moved, and moved back",
        ("tests/lifecycle/test_environments.py::test_the_driver_moves_the_fronts_and_goes_back",),
        """
        cutover/operations/promote/fronts.py
          _before: cutover promote <{}>
        cutover/operations/promote/promote.py
          promote: cutover rollback {}
        """,
    ),
    Situation(
        "a group is split: an `up` makes it whole, on the color that the file says",
        ("tests/lifecycle/test_group.py::test_killed_between_the_two_switches",),
        """
        cutover/operations/choice.py
          refuse_split: cutover up
        cutover/operations/rollback/at_once.py
          _instead: cutover up
        """,
    ),
    Situation(
        "a group is moved as one",
        ("tests/lifecycle/test_group.py::test_the_driver_moves_a_group_as_one",),
        """
        cutover/strategies/blue_green.py
          BlueGreen.promotion_problems: cutover promote {}
        """,
    ),
    Situation(
        "a share is taken back",
        ("tests/lifecycle/test_canary.py::test_the_driver_gives_a_weight_takes_it_back_and_cuts_over",),
        """
        cutover/operations/canary/canary.py
          refuse_beside: cutover promote {} --weight 0
        cutover/operations/canary/walk.py
          _Walk._back_words: cutover promote {} --weight 0
        cutover/operations/restart/restart.py
          _check: cutover promote {} --weight 0
        """,
    ),
    Situation(
        "a walk of a canary was paused, stopped or is at its last step: it goes on, or ends with the cutover",
        (
            "tests/lifecycle/test_canary_walk.py::test_a_walk_goes_back_pauses_and_ends_with_the_cutover",
            "tests/lifecycle/test_canary_walk.py::test_a_walk_that_was_stopped_or_killed_goes_on_where_it_was",
        ),
        """
        cutover/operations/canary/walk.py
          walk: cutover promote {}
          _Walk._stays: cutover promote {}
          _Walk._further: cutover promote {} --steps {} --bake {}
        """,
    ),
    Situation(
        "the document of a promotion was kept",
        ("tests/lifecycle/test_driver_load.py::test_a_promotion_under_load_loses_nothing_and_counts_both_versions",),
        """
        cutover/operations/command/kept.py
          document_of: cutover promote --json
        """,
    ),
    Situation(
        "a rolling service goes on or back",
        (
            "tests/lifecycle/test_rolling_interrupted.py::test_a_rolling_release_that_is_stuck_names_the_way_back_and_it_helps",
        ),
        """
        cutover/strategies/rolling.py
          Rolling.check_switch: cutover release {} --roll-out …
          Rolling.check_switch: cutover rollback {}
        cutover/operations/rollback/rollback.py
          _before_rolled: cutover release {} --roll-out …
          _before_rolled: cutover rollback {} --to N
        cutover/operations/release/watched.py
          _went_back: cutover release {} --roll-out …
        cutover/operations/up/way_back.py
          _fix: cutover rollback {}
        cutover/operations/promote/promote_after.py
          PromoteOptions._problems: cutover rollback {}
        """,
    ),
    Situation(
        "pods are replaced, once more where somebody was in the way",
        ("tests/lifecycle/test_restart.py::test_every_pod_is_replaced_in_turn_and_no_request_is_lost",),
        """
        cutover/operations/restart/renew.py
          Renewal._write: cutover restart {}
        """,
    ),
    Situation(
        "what serves is to end, and that is said",
        ("tests/lifecycle/test_ownership.py::test_what_serves_ends_only_where_that_is_said",),
        """
        cutover/operations/up/removal.py
          check_removals: cutover up --stack {} {}
        """,
    ),
    Situation(
        "objects carry another stack's identity: they are left, or written anew as this renamed stack's",
        (
            "tests/lifecycle/test_ownership.py::test_the_driver_s_destroy_leaves_what_carries_another_stack_s_identity",
            "tests/lifecycle/test_targets.py::test_another_name_for_the_stack_rolls_no_pod",
        ),
        """
        cutover/operations/destroy/owned.py
          check_owned: pulumi state delete --yes --stack {} '{}'
          check_owned: cutover up --stack {}
        """,
    ),
    Situation(
        "a run that was broken off left objects in no state",
        (
            "tests/lifecycle/test_fixes.py::test_what_a_broken_off_run_left_is_named_and_ends_by_the_command_that_is_printed",
        ),
        """
        cutover/operations/up/leftovers.py
          check_orphans: cutover up --stack {}
          told: kubectl delete -n {} {}
        """,
    ),
    Situation(
        "the engine has no such stack",
        (
            "tests/lifecycle/test_fixes.py::test_an_object_whose_state_was_lost_is_claimed_by_the_command_that_is_printed",
        ),
        """
        cutover/doctor/cli.py
          check_stack: pulumi stack init {}
        cutover/engine/classify.py
          classify: pulumi stack init {}
        """,
    ),
    Situation(
        "a run that died holds the lock",
        ("tests/lifecycle/test_kill.py::test_killed_between_the_switch_and_its_record_then_turned_back",),
        """
        cutover/engine/classify.py
          classify: pulumi cancel --stack {}
        """,
    ),
    Situation(
        "a stack, or a project, begins with its files",
        ("tests/lifecycle/test_init.py::test_a_new_environment_deploys_as_it_was_written",),
        """
        cutover/stackfile/find.py
          choose: cutover init {}
          find_project: cutover init NAME
        cutover/stackfile/template.py
          (module): cutover plan
          (module): cutover up
          render: cutover schema
          _lines: cutover release {} --version … --image …
        """,
    ),
    Situation(
        "what runs is named by its digest",
        ("tests/lifecycle/test_moved_tag.py::test_a_release_of_two_contents_gets_no_traffic",),
        """
        cutover/provenance/release.py
          _content: cutover release … --pin
        """,
    ),
    Situation(
        "the application is not clear, or its set is a StatefulSet",
        (
            "tests/unit/cutover/test_adopt_image.py::test_where_no_port_tells_a_probe_does_and_then_the_command_line",
            "tests/unit/cutover/test_adopt_manifests.py::test_stateful_sets_become_sets_of_the_same_names",
        ),
        """
        cutover/adopt/findings.py
          _of_service: cutover adopt {} --container NAME
        cutover/adopt/found.py
          find.ask: cutover adopt -f
        """,
    ),
    Situation(
        "a namespace or a right is missing: an administrator's, by what every life cycle begins with",
        (
            "tests/lifecycle/conftest.py::stack",
            "tests/lifecycle/test_doctor.py::test_a_right_that_is_missing_is_named_with_its_fix",
        ),
        """
        cutover/doctor/cluster.py
          _namespace: kubectl create namespace {}
          _rights: kubectl apply -n {} -f {}
        cutover/observe/connection.py
          _refused: kubectl apply -n <namespace> -f docs/rbac.yaml
        cutover/operations/restart/renew.py
          Renewal._evict: kubectl apply -n <namespace> -f docs/rbac.yaml
        """,
    ),
    Situation(
        "a secret goes into the config by its key",
        ("tests/lifecycle/test_examples.py::test_example",),
        """
        cutover/operations/release/content.py
          secrets_of: pulumi config set --secret cutover:KEY
        """,
    ),
    Situation(
        "what a route says",
        ("tests/lifecycle/test_canary.py::test_each_step_is_one_resource_and_nothing_else_of_the_route_is_touched",),
        """
        cutover/observe/routes.py
          _Judge.status: kubectl get {} {} -n {} -o yaml
        """,
    ),
    Situation(
        "the time of a color that was left is over",
        ("tests/lifecycle/test_scale_down.py::test_the_color_that_was_left_keeps_its_size_until_its_time_has_come",),
        """
        cutover/observe/scale_down.py
          ScaleDown.__str__: cutover tidy --stack {}
        """,
    ),
    Situation(
        "pods lack the metadata of their role: an `up` gives it to them",
        ("tests/lifecycle/test_roles.py::test_it_follows_the_traffic_and_pods_are_born_with_it",),
        """
        cutover/observe/roles.py
          RoleStatus.__str__: cutover up
        """,
    ),
    Situation(
        "the file has more changes than a scale-down: an ordinary `up`, which does that as well",
        ("tests/lifecycle/test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up",),
        """
        cutover/operations/tidy/tidy.py
          _refuse_more: cutover up
        """,
    ),
)
