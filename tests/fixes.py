"""Which test runs the commands that errors, refusals and the status print as their fix. `{}` is a part that varies.

A command that only looks has to show what it should; one that changes things has to help. What needs the
administrator's rights is run by the fixtures of all life-cycle tests, which make the namespace and its Role from
docs/rbac.yaml.
"""

LIFE = "tests/lifecycle/"
DRIVER = f"{LIFE}test_fixes.py::test_what_the_driver_prints_helps_from_nothing_to_a_release_given_up"
LOOKS = f"{LIFE}test_fixes.py::test_what_only_looks_shows_what_it_should"
CLAIM = f"{LIFE}test_fixes.py::test_an_object_whose_state_was_lost_is_claimed_by_the_command_that_is_printed"
LEFT = f"{LIFE}test_fixes.py::test_what_a_broken_off_run_left_is_named_and_ends_by_the_command_that_is_printed"
STUCK = f"{LIFE}test_rolling_interrupted.py::test_a_rolling_release_that_is_stuck_names_the_way_back_and_it_helps"
ENDS = f"{LIFE}test_ownership.py::test_what_serves_ends_only_where_that_is_said"
LEAVES = f"{LIFE}test_ownership.py::test_the_driver_s_destroy_leaves_what_carries_another_stack_s_identity"
CLI = f"{LIFE}test_cutover.py::test_a_life_with_the_cli"
GATES = f"{LIFE}test_gates.py::test_a_color_that_went_unready_since_it_was_deployed"
EXAMPLES = f"{LIFE}test_examples.py::test_example"
PLACES = f"{LIFE}test_environments.py::test_the_driver_moves_the_fronts_and_goes_back"
ADMIN = f"{LIFE}conftest.py::stack"
KILL = f"{LIFE}test_kill.py::test_killed_between_the_switch_and_its_record_then_turned_back"
INIT = f"{LIFE}test_init.py::test_a_new_environment_deploys_as_it_was_written"
CANARY = f"{LIFE}test_canary.py::test_each_step_is_one_resource_and_nothing_else_of_the_route_is_touched"
WEIGHT = f"{LIFE}test_canary.py::test_the_driver_gives_a_weight_takes_it_back_and_cuts_over"
RESTART = f"{LIFE}test_restart.py::test_every_pod_is_replaced_in_turn_and_no_request_is_lost"
WALK = f"{LIFE}test_canary_walk.py::test_a_walk_goes_back_pauses_and_ends_with_the_cutover"
TIDY = f"{LIFE}test_scale_down.py::test_the_color_that_was_left_keeps_its_size_until_its_time_has_come"
LOAD = f"{LIFE}test_driver_load.py::test_a_promotion_under_load_loses_nothing_and_counts_both_versions"
PIN = f"{LIFE}test_provenance.py::test_a_pinned_release_runs_and_is_known_by_its_digest"
SETS = "tests/unit/cutover/test_adopt_manifests.py::test_stateful_sets_become_sets_of_the_same_names"
CONTAINER = "tests/unit/cutover/test_adopt_image.py::test_where_no_port_tells_a_probe_does_and_then_the_command_line"

FIXES = {
    "cutover abort {}": DRIVER,
    "cutover abort {}{}": DRIVER,
    "cutover adopt": EXAMPLES,
    "cutover adopt -f": SETS,
    "cutover adopt {}": EXAMPLES,
    "cutover adopt {} --container NAME": CONTAINER,
    "cutover doctor": LOOKS,
    "cutover history": LOOKS,
    "cutover init NAME": INIT,
    "cutover init {}": INIT,
    "cutover plan": LOOKS,
    "cutover promote": DRIVER,
    "cutover promote --json": LOAD,
    "cutover promote <{}>": PLACES,
    "cutover promote {}": DRIVER,
    "cutover promote {} --again": DRIVER,
    "cutover promote {} --steps {} --bake {}": WALK,
    "cutover promote {} --weight 0": WEIGHT,
    "cutover release": DRIVER,
    "cutover release {}": DRIVER,
    "cutover release {} --roll-out …": STUCK,
    "cutover release {} --version … --image …": DRIVER,
    "cutover release {}{}": DRIVER,
    "cutover release … --pin": PIN,
    "cutover rollback": DRIVER,
    "cutover rollback {}": DRIVER,
    "cutover rollback {} --to N": STUCK,
    "cutover schema": INIT,
    "cutover restart": RESTART,
    "cutover status": LOOKS,
    "cutover tidy": TIDY,
    "cutover status --until healthy": LOOKS,
    "cutover up": DRIVER,
    "cutover up --stack {}": DRIVER,
    "cutover up --stack {} {}": ENDS,
    "kubectl annotate --overwrite -n {} {} {}={}": CLAIM,
    "kubectl apply -n <namespace> -f docs/rbac.yaml": ADMIN,
    "kubectl apply -n {} -f {}": ADMIN,
    "kubectl create namespace {}": ADMIN,
    "kubectl delete -n {} {}": LEFT,
    "kubectl describe pod": LOOKS,
    "kubectl describe pod -l {}={}": STUCK,
    "kubectl get --raw /readyz": LOOKS,
    "kubectl get deployments,services -n {}": LOOKS,
    "kubectl get endpointslices -l kubernetes.io/service-name={}": LOOKS,
    "kubectl get {} {} -o yaml": CANARY,
    "kubectl get {} {} -o yaml --show-managed-fields": CANARY,
    "kubectl get pods -L {}": LOOKS,
    "kubectl get service -o yaml --show-managed-fields": LOOKS,
    "kubectl get service,deployment -o yaml --show-managed-fields": LOOKS,
    "kubectl get service NAME -o jsonpath={.spec.selector}": LOOKS,
    "kubectl get service NAME -o yaml": LOOKS,
    "kubectl rollout restart deployment {}": LOOKS,
    "kubectl rollout resume deployment {}": LOOKS,
    "kubectl rollout status deployment {}": LOOKS,
    "pulumi cancel --stack {}": KILL,
    "pulumi config get {} --stack {}": LOOKS,
    "pulumi config set --secret cutover:KEY": EXAMPLES,
    "pulumi config set --secret cutover:{}": EXAMPLES,
    "pulumi destroy": CLI,
    "pulumi preview": LOOKS,
    "pulumi preview --stack {}": LOOKS,
    "pulumi refresh": LOOKS,
    "pulumi stack init {}": CLAIM,
    "pulumi state delete --yes --stack {} '{}'": LEAVES,
    "pulumi up": GATES,
    "pulumi up --refresh": DRIVER,
    "pulumi up --refresh --stack {}": DRIVER,
}

NOT_RUN = {
    "git diff": "git's own; the driver only makes a commit",
    "git diff {}": "git's own; the driver only makes a commit",
    "git init": "git's own; the driver only makes a commit",
    "git {}": "git's own; the driver only makes a commit",
    "kubectl apply": "says who made an object; no command to run",
    "kubectl edit service": "opens an editor, and a person decides what to write there",
    "kubectl logs -n {} job/{}": "shows what a Job said, which the refusal has already",
    "kubectl get networkpolicies -n {} -o yaml": "needs a right that the deployer does not have",
    "pulumi config set kubernetes:kubeconfig": "the kubeconfig is the reader's",
    "pulumi login": "needs an account",
}
"""What no test runs yet, and why: of a new one, say why here, or better write its case."""
