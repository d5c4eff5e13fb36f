"""What no test runs, and why: of a new one, say why here, or better write its case."""

from tests.fixes.situation import Situation

NOT_RUN = (
    Situation(
        "a mention and no advice: the words say by which commands something is known, made or written",
        (),
        """
        components/rules/trial.py
          refusal: pulumi up
        components/settings/beside_rules.py
          _decided_by_the_program: cutover status
        components/settings/release.py
          Release: cutover adopt
        cutover/adopt/findings.py
          _worth_knowing: kubectl apply
        cutover/operations/up/change.py
          (module): pulumi up
          _put_right: pulumi up
        """,
    ),
    Situation(
        "git's own commands; the driver only makes a commit, or has found the file changed",
        (),
        """
        cutover/operations/up/commit.py
          check_repository: git init
          check_repository: git status
          check_repository: git config user.name NAME
          check_repository: git config user.email ADDRESS
          _git: git {}
        cutover/stackfile/file.py
          StackFile._check_untouched: git diff {}
        cutover/stackfile/view.py
          load_file: git diff
        """,
    ),
    Situation(
        "opens an editor, and a person decides what to write there",
        (),
        """
        components/settings/service_rules.py
          _there_to_change: kubectl edit service
        """,
    ),
    Situation(
        "needs a right that the deployer does not have: an administrator runs it",
        (),
        """
        cutover/adopt/findings.py
          _of_what_is_beside: kubectl get networkpolicies -n {} -o yaml
        """,
    ),
    Situation(
        "the kubeconfig is the reader's",
        (),
        """
        components/cluster/connection.py
          _no_kubeconfig: pulumi config set kubernetes:kubeconfig
        cutover/observe/connection.py
          Api.__init__: pulumi config set kubernetes:kubeconfig
        """,
    ),
    Situation(
        "needs an account, or another place for the state",
        (),
        """
        cutover/doctor/cli.py
          check_login: pulumi login
        cutover/engine/classify.py
          classify: pulumi login
        """,
    ),
)
