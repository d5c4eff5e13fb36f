"""The places that print a command which changes no traffic: kubectl's, and the looks of engine and driver."""

from tests.fixes.situation import Situation

LOOKS = (
    Situation(
        "a command that only looks: what it shows does not depend on why it was looked for",
        ("tests/lifecycle/test_fixes.py::test_what_only_looks_shows_what_it_should",),
        """
        components/checks/still_selected.py
          refuse_while_selected: pulumi refresh
        components/checks/verify.py
          Verify._failed: cutover status
        components/cluster/connection.py
          _out_of_reach: kubectl get --raw /readyz
        components/drain/recycling.py
          Recycling._must: kubectl describe pod -n {}
        components/drain/replacing.py
          Replacing._until_none: kubectl describe pod -n {}
        components/drain/rollout.py
          RolloutGate._unfinished: kubectl describe pod -n {}
        components/releases/state.py
          _noted: kubectl get service,deployment -n {} -o yaml --show-managed-fields
        components/settings/adopt_rules.py
          _selector_not_ours: kubectl get service NAME -o jsonpath={.spec.selector}
        components/settings/validators.py
          label_key: kubectl get service NAME -o yaml
          label_value: kubectl get service NAME -o yaml
        components/stack/reference.py
          (module): pulumi preview
        components/strategies/blue_green/own_endpoints.py
          until_endpoints: kubectl get endpointslices -n {} -l kubernetes.io/service-name={}
        components/strategies/blue_green/replica_canary.py
          ReplicaCanary.before: kubectl get pods -n {} -l {}={} -L {}
        components/strategies/rolling/jobs.py
          RollingJobs._until_rolled: kubectl describe pod -n {}
        components/strategies/switch.py
          Switch.restore: kubectl get service {} -n {} -o yaml --show-managed-fields
        components/traffic/canary_pods.py
          CanaryPods._refuse_moved: cutover status
          CanaryPods._until: kubectl get pods -n {} -L {}
        components/traffic/notes.py
          LiveNotes.still_serves: cutover status
          LiveNotes._changes: kubectl get service {} -n {} -o yaml --show-managed-fields
        components/traffic/pod_labels.py
          LabelRouter.moved.look: cutover status
          LabelRouter.announce: kubectl get service {} -n {} -o yaml --show-managed-fields
          LabelRouter._attach: kubectl get pods -n {} -L {}
          LabelRouter._detach: kubectl get pods -n {} -L {}
        components/traffic/replicas.py
          ReplicaRouter.narrow: kubectl get endpointslices -n {} -l kubernetes.io/service-name={}
          ReplicaRouter._moved: cutover status
          ReplicaRouter._changes: kubectl get service {} -n {} -o yaml --show-managed-fields
        components/traffic/selector.py
          SelectorRouter._must: kubectl get endpointslices -n {} -l kubernetes.io/service-name={}
        components/traffic/weighted_route.py
          WeightedRoute.until_seen: kubectl get {} {} -n {} -o yaml
          WeightedRoute._second: kubectl get {} {} -n {} -o yaml --show-managed-fields
        cutover/operations/route/route.py
          _check: cutover status
          _write: kubectl get {} {} -n {} -o yaml --show-managed-fields
        cutover/adopt/findings.py
          _of_deployment: kubectl rollout resume deployment {} -n {}
          _of_deployment: kubectl rollout status deployment {} -n {}
        cutover/adopt/found.py
          find.ask: kubectl get deployments,services -n {}
        cutover/adopt/pin.py
          _several: kubectl rollout restart deployment {} -n {}
        cutover/doctor/program.py
          find_python: pulumi preview
          needed_python: cutover doctor
          check_config: pulumi preview
          check_config: pulumi preview --stack {}
          registered: pulumi preview
        cutover/errors.py
          unexpected: cutover status
        cutover/observe/connection.py
          Api.items: kubectl get --raw /readyz
          Api.json: kubectl get --raw /readyz
          _refused: cutover doctor
        cutover/observe/routes.py
          _read: cutover doctor
        cutover/operations/bake/load.py
          UnderLoad._way_back: cutover status
        cutover/operations/command/tell.py
          error_of: cutover status
        cutover/operations/history/past.py
          numbered: cutover history
        cutover/operations/restart/renew.py
          Renewal._late: cutover status
        cutover/operations/restart/restart.py
          _check: cutover status
        cutover/operations/rollback/named.py
          standing_by: cutover history
        cutover/operations/rollback/rollback.py
          goal_of: cutover history
          _before_rolled: cutover history
        cutover/operations/traffic/attach.py
          _Labels._moved: cutover status
        cutover/operations/traffic/switch.py
          _move: cutover status
        cutover/operations/up/change.py
          _put_right: cutover status
          _says: cutover status
        cutover/operations/tidy/tidy.py
          _refuse_more: cutover plan
        cutover/provenance/release.py
          _content: cutover status --until healthy
        cutover/stackfile/effective.py
          _asked: pulumi config get {} --stack {}
        cutover/stackfile/file.py
          StackFile._check_untouched: cutover status
        cutover/stackfile/lock.py
          held: cutover status
        cutover/stackfile/view.py
          _mapping: pulumi preview
        """,
    ),
)
