"""Where a release came from: what CI and git say, never a login."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from components.rules.provenance import Git, provenance, without_login
from contract.annotations import CONFIG_DIGEST, IMAGE_ID
from cutover.strategies.releases import ORIGIN

AT = datetime(2026, 11, 21, 19, 47, 6, tzinfo=timezone(timedelta(hours=1)))
GIT = Git("a" * 40, "git@host:team/shop.git")


def said(environment: dict[str, str], git: Git = GIT, image_ids: tuple[str, ...] = ()) -> dict[str, str]:
    noted = notes(environment, git, image_ids)
    return {key.removeprefix("cutover.dev/"): value for key, value in noted.items() if value}


def notes(
    environment: dict[str, str],
    git: Git = GIT,
    image_ids: tuple[str, ...] = (),
    before: dict[str, str] | None = None,
) -> dict[str, str | None]:
    return provenance(
        stack="cutover/prod",
        release="1-5-0-b3",
        build=3,
        config_digest="d1",
        environment=environment,
        git=git,
        at=AT,
        image_ids=image_ids,
        before=before or {},
    )


def test_git_speaks_where_no_ci_does() -> None:
    assert said({"USER": "ann"}) == {
        "commit": "a" * 40,
        "repository": "git@host:team/shop.git",
        "deployed-by": "ann",
        "deployed-at": "2026-11-21T18:47:06Z",
        "stack": "cutover/prod",
        "release": "1-5-0-b3",
        "build": "3",
        "config-digest": "d1",
    }
    assert set(said({}, Git())) == {"stack", "release", "build", "config-digest", "deployed-at"}
    assert said({}, image_ids=("shop@sha256:a", "shop@sha256:b"))["image-id"] == "shop@sha256:a, shop@sha256:b"


def test_what_is_not_known_takes_off_what_is_noted_of_the_release_before() -> None:
    before = {
        key: value for key, value in notes({"USER": "ann", "CUTOVER_RUN": "x"}, image_ids=("a",)).items() if value
    }
    now = notes({}, Git(), before=before | {CONFIG_DIGEST: "of another"})
    unknown = {key.partition("/")[2] for key, value in now.items() if value is None}
    assert unknown == {"commit", "repository", "deployed-by", "run", "image-id"}


def test_the_very_same_content_without_pods_keeps_what_they_ran() -> None:
    before = {IMAGE_ID: "shop@sha256:a", CONFIG_DIGEST: "d1"}
    assert notes({}, before=before)[IMAGE_ID] == "shop@sha256:a"
    assert notes({}, before=before, image_ids=("shop@sha256:b",))[IMAGE_ID] == "shop@sha256:b"


def test_ci_knows_better() -> None:
    github = {
        "USER": "runner",
        "GITHUB_ACTOR": "bea",
        "GITHUB_SHA": "b" * 40,
        "GITHUB_SERVER_URL": "https://forge.example",
        "GITHUB_REPOSITORY": "team/shop",
        "GITHUB_RUN_ID": "77",
    }
    found = said(github)
    assert found["commit"] == "b" * 40
    assert found["repository"] == "https://forge.example/team/shop"
    assert found["run"] == "https://forge.example/team/shop/actions/runs/77"
    assert found["deployed-by"] == "bea"
    gitlab = {
        "CI_COMMIT_SHA": "c" * 40,
        "CI_PROJECT_URL": "https://lab.example/t/s",
        "CI_JOB_URL": "https://lab.example/j/1",
    }
    assert said(gitlab | {"GITLAB_USER_LOGIN": "cid"}) == found | {
        "commit": "c" * 40,
        "repository": "https://lab.example/t/s",
        "run": "https://lab.example/j/1",
        "deployed-by": "cid",
    }


@given(st.text("abc%:0", min_size=1), st.text("xyz%0", min_size=1))
def test_no_login_gets_through(user: str, password: str) -> None:
    url = f"https://{user}:{password}@forge.example/team/shop.git?token={password}#x"
    assert without_login(url) == "https://forge.example/team/shop.git"
    assert said({}, Git("", url))["repository"] == "https://forge.example/team/shop.git"


def test_the_driver_reads_what_the_program_writes() -> None:
    everything = {f"CUTOVER_{name}": "x" for name in ("COMMIT", "REPOSITORY", "DEPLOYER", "RUN")}
    written = {f"cutover.dev/{key}" for key in said(everything, image_ids=("shop@sha256:a",))}
    assert {*ORIGIN, IMAGE_ID} <= written
