"""The situations in which the program prints a command: its gates, its refusals, its settings."""

from tests.fixes.situation import Situation

PROGRAM = (
    Situation(
        "a gate refused before the switch; what it named was mended, and the same run goes through",
        (
            "tests/lifecycle/test_gates.py::test_a_color_that_went_unready_since_it_was_deployed",
            "tests/lifecycle/test_gates.py::test_releases_that_never_start",
        ),
        """
        components/checks/readiness.py
          hopeless: pulumi up
          late: pulumi up
        components/checks/release_ready.py
          ReleaseReady.wait: pulumi up
        """,
    ),
    Situation(
        "a tag was moved between two pulls; the release is named by its digest, gets through the gate, and serves",
        ("tests/lifecycle/test_moved_tag.py::test_a_release_of_two_contents_gets_no_traffic",),
        """
        components/checks/release_ready.py
          ReleaseReady._refuse_mixed: cutover release … --pin
        cutover/observe/judge.py
          (module): cutover release … --pin
        """,
    ),
    Situation(
        "a release forbids the way back: one that is newer goes on, and so does the way back once it is allowed",
        (
            "tests/lifecycle/test_release_jobs.py::test_no_way_back_past_a_release_that_forbids_it_nor_after_a_bake_that_fails",
        ),
        """
        components/checks/rollback_limit.py
          RollbackLimit.check: pulumi up
        """,
    ),
    Situation(
        "the note of a limit cannot be read: a run with the limit set, or lifted, writes it anew",
        ("tests/components/test_barrier.py::test_a_limit_that_names_no_release_forbids_all_until_it_is_written_anew",),
        """
        components/checks/rollback_limit.py
          RollbackLimit._unreadable: pulumi up
        """,
    ),
    Situation(
        "the live Service was sent back to the color that is to shrink: the next run switches it, and goes on",
        ("tests/components/test_gates.py::test_the_old_color_may_shrink_only_when_nothing_sends_to_it",),
        """
        components/checks/still_selected.py
          refuse_while_selected: pulumi up
        """,
    ),
    Situation(
        "who sends traffic to the old pods has followed: the next run asks the command again, and goes on",
        (
            "tests/components/test_verify.py::test_a_no_after_the_switch_says_what_still_runs_and_the_next_run_asks_again",
        ),
        """
        components/checks/verify.py
          VerifyAfter._failed: pulumi up
        """,
    ),
    Situation(
        "what held the old pods is gone: the next run drains to the end, and notes it",
        (
            "tests/components/test_gates.py::test_finish_says_when_a_drained_pod_does_not_go",
            "tests/lifecycle/test_failures.py::test_the_old_pods_cannot_be_recycled",
        ),
        """
        components/drain/recycling.py
          Recycling._must: pulumi up
        """,
    ),
    Situation(
        "the same of the pods that a front has left",
        ("tests/components/test_front_gates.py::test_pods_that_are_not_replaced_are_said",),
        """
        components/drain/replacing.py
          Replacing._until_none: pulumi up
        """,
    ),
    Situation(
        "the same of the old pods of a rollout",
        ("tests/components/test_rollout.py::test_it_is_not_complete_while_an_old_pod_may_answer",),
        """
        components/drain/rollout.py
          RolloutGate._unfinished: pulumi up
        """,
    ),
    Situation(
        "the same before the Job that comes after a rollout",
        ("tests/components/test_rolling_jobs.py::test_it_waits_for_the_last_pod_of_the_old_release",),
        """
        components/strategies/rolling/jobs.py
          RollingJobs._until_rolled: pulumi up
        """,
    ),
    Situation(
        "a Job failed and its settings were mended: the next run makes it anew",
        ("tests/lifecycle/test_release_jobs.py::test_a_failure_before_refuses_and_one_after_leaves_the_new_release",),
        """
        components/hooks/jobs.py
          Jobs._failed: kubectl logs -n {} job/{}
          Jobs._failed: pulumi up
        components/rules/errors.py
          AfterJobFailed: pulumi up
        """,
    ),
    Situation(
        "a rolling release is stuck: the release is mended or set back, by the config or by `rollback`",
        (
            "tests/lifecycle/test_rolling_interrupted.py::test_a_rolling_release_that_is_stuck_names_the_way_back_and_it_helps",
        ),
        """
        components/strategies/rolling/remedy.py
          stuck: kubectl describe pod -n {} -l {}={}
          stuck: pulumi up
          stuck: cutover rollback {}
        """,
    ),
    Situation(
        "a rolling release that never served answered wrongly, or did not come up: a mended one is let through",
        ("tests/lifecycle/test_rolling.py::test_a_release_that_answers_wrongly_gets_no_pod_of_the_rollout",),
        """
        components/strategies/rolling/preview.py
          ReleasePreview._logs: kubectl logs -n {} job/{}
          ReleasePreview._never: pulumi up
          ReleasePreview._until_ready: pulumi up
        """,
    ),
    Situation(
        "a run was interrupted: the next one goes on from there",
        (
            "tests/lifecycle/test_kill.py::test_killed_at_every_step_of_a_cutover",
            "tests/lifecycle/test_rolling_interrupted.py::test_an_interrupted_update_is_taken_back_and_no_old_pod_is_left",
        ),
        """
        components/hooks/engine.py
          (module): pulumi up
        """,
    ),
    Situation(
        "somebody deleted what the state has",
        ("tests/lifecycle/test_deleted.py::test_a_plain_run_names_what_is_missing_and_its_advice_helps",),
        """
        components/rules/errors.py
          (module): pulumi up --refresh
        """,
    ),
    Situation(
        "what stands cannot become what the config says, and nothing moved: one more service under "
        "another name, and then without the first. What the first is, decides nothing",
        ("tests/lifecycle/test_ownership.py::test_a_change_of_strategy_is_refused_and_nothing_moves",),
        """
        components/hooks/claim.py
          Claim._refuse_another_kind: pulumi up
        components/hooks/fixed.py
          another_workload: pulumi up
        components/rules/service_address.py
          _fix: pulumi up
        components/rules/service_ports.py
          refusal: pulumi up
        components/rules/stateful_set.py
          refusal: pulumi up
        """,
    ),
    Situation(
        "a stack of its own for another namespace, and the end of this one: a first `up` and a `destroy` as any other",
        ("tests/lifecycle/test_cutover.py::test_a_life_with_the_cli",),
        """
        components/hooks/component.py
          _changed: pulumi up
          _changed: pulumi destroy
        components/stack/rules.py
          _something_runs: pulumi destroy
        """,
    ),
    Situation(
        "an object is there, and its stack's state was lost",
        (
            "tests/lifecycle/test_fixes.py::test_an_object_whose_state_was_lost_is_claimed_by_the_command_that_is_printed",
        ),
        """
        components/hooks/claim.py
          Claim._not_ours: kubectl annotate --overwrite -n {} {} {}={}
        """,
    ),
    Situation(
        "what serves already is to be taken over, once and for all its life",
        (
            "tests/lifecycle/test_examples.py::test_example",
            "tests/lifecycle/test_adopt.py::test_what_may_not_be_is_refused_and_nothing_moves",
        ),
        """
        components/hooks/claim.py
          Claim._not_ours: cutover adopt {}
        cutover/verbs/init.py
          _refuse_words_of_a_release: cutover adopt
        components/traffic/adoption.py
          annotations_kept: cutover adopt {}
          annotations_kept: pulumi up
        """,
    ),
    Situation(
        "a namespace or a right is missing: an administrator's, by what every life cycle begins with",
        ("tests/lifecycle/conftest.py::stack",),
        """
        components/cluster/connection.py
          _refused: kubectl apply -n <namespace> -f docs/rbac.yaml
        components/hooks/claim.py
          Claim._look_first: kubectl create namespace {}
        """,
    ),
    Situation(
        "an object that nobody calls any more is deleted",
        (
            "tests/lifecycle/test_fixes.py::test_what_a_broken_off_run_left_is_named_and_ends_by_the_command_that_is_printed",
        ),
        """
        components/rules/service_address.py
          _fix: kubectl delete -n {} {}
        """,
    ),
    Situation(
        "the live Service was changed at the moment of a write: whoever did it ended, and the next run writes",
        (
            "tests/components/test_gates.py::test_a_service_that_changes_while_it_is_moved_back_is_left_and_moved_by_the_next_run",
        ),
        """
        components/strategies/switch.py
          Switch.restore: pulumi up
        """,
    ),
    Situation(
        "the same of a note on it",
        ("tests/components/test_gates.py::test_a_note_that_is_always_overtaken_is_told_and_written_by_the_next_run",),
        """
        components/traffic/notes.py
          LiveNotes._changes: pulumi up
        """,
    ),
    Situation(
        "the same of the note of Jobs and limits",
        ("tests/components/test_jobs.py::test_what_somebody_else_noted_meanwhile_is_not_undone",),
        """
        components/releases/state.py
          _noted: pulumi up
        """,
    ),
    Situation(
        "the same of the note who serves, by labels",
        (
            "tests/components/test_label_gates.py::test_a_service_that_changes_all_the_time_is_told_and_the_next_run_notes_who_serves",
        ),
        """
        components/traffic/pod_labels.py
          LabelRouter.announce: pulumi up
        """,
    ),
    Situation(
        "somebody moved the traffic while a run was at it: `active` is set to what shall serve, and the "
        "next run settles it",
        (
            "tests/components/test_recycling.py::test_a_service_that_somebody_took_back_ends_the_drain_and_nothing_is_noted",
        ),
        """
        components/traffic/notes.py
          LiveNotes.still_serves: pulumi up
        """,
    ),
    Situation(
        "the same by labels",
        ("tests/components/test_label_gates.py::test_who_sends_the_traffic_elsewhere_meanwhile_is_not_undone",),
        """
        components/traffic/pod_labels.py
          LabelRouter.moved.look: pulumi up
        """,
    ),
    Situation(
        "the endpoints did not follow in time, and have followed since",
        ("tests/components/test_gates.py::test_after_the_switch_only_the_target_serves",),
        """
        components/rules/errors.py
          SwitchUnverified: pulumi up
        components/traffic/selector.py
          SelectorRouter._must: pulumi up
        """,
    ),
    Situation(
        "the same by labels, of who is attached",
        ("tests/components/test_label_gates.py::test_nothing_is_detached_while_the_cluster_does_not_follow",),
        """
        components/traffic/pod_labels.py
          LabelRouter._attach: pulumi up
        """,
    ),
    Situation(
        "the same by labels, of who is detached",
        (
            "tests/components/test_label_gates.py::test_the_old_color_that_the_cluster_still_sends_to_is_told_and_the_next_run_goes_on",
        ),
        """
        components/traffic/pod_labels.py
          LabelRouter._detach: pulumi up
        """,
    ),
    Situation(
        "the API server is back: the run that it broke off is a run that was killed",
        ("tests/lifecycle/test_kill.py::test_killed_at_every_step_of_a_cutover",),
        """
        components/cluster/connection.py
          _out_of_reach: pulumi up
        """,
    ),
    Situation(
        "a secret goes into the config by its key",
        ("tests/lifecycle/test_examples.py::test_example",),
        """
        components/takeover/hidden.py
          _of_variable: pulumi config set --secret cutover:{}
        """,
    ),
    Situation(
        "the time of a color that was left is over",
        ("tests/lifecycle/test_scale_down.py::test_the_color_that_was_left_keeps_its_size_until_its_time_has_come",),
        """
        components/strategies/blue_green/scale_down.py
          ScaleDown._find: cutover tidy
        components/strategies/blue_green/settings.py
          _TwoColors: cutover tidy
        """,
    ),
)
