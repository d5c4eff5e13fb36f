"""The dashboard and the report in a real browser: live, readable by anybody, and without a fault in its console."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutover.pages.render import render
from tests.browser import Tab, chromium, tab
from tests.unit.cutover.objects import V1, V2, pod, pods, service
from tests.unit.cutover.test_dashboard_verb import running
from tests.unit.cutover.test_pages_report import page as report_page
from tests.unit.cutover.test_status_verb import REFUSED, Cluster, cluster, project

__all__ = ["cluster", "project"]

pytestmark = [
    pytest.mark.wide,
    pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium"),
]
CARD = "document.getElementById('stack-0-service-0')"


@pytest.fixture
def browser() -> Iterator[Tab]:
    with tab() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUTOVER_PULUMI", str(tmp_path / "no-pulumi"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_it_shows_a_cutover_as_it_happens_a_refusal_and_drift(project: Path, cluster: Cluster, browser: Tab) -> None:
    with running(project) as (address, _):
        browser.open(address)
        browser.wait("document.getElementById('live').textContent.startsWith('live, read at')")
        assert browser.value(f"{CARD}.dataset.state") == "paused"

        browser.value("document.querySelector('#stack-0-service-0-green-pods').open = true")
        browser.value("document.querySelector('#stack-0-service-0-green-pods summary').focus()")
        cluster.lists["services"] = [service(color="green", release=V2)]
        browser.wait(f"{CARD}.innerText.includes('green takes the traffic')")
        assert browser.value(f"{CARD}.innerText.includes('config blue, cluster green')")
        assert browser.value("document.getElementById('told').textContent") == "shop: progressing"
        assert browser.value("document.querySelector('#stack-0-service-0-green-pods').open")  # as it was left
        assert browser.value("document.activeElement.parentElement.id") == "stack-0-service-0-green-pods"

        cluster.lists["services"] = [service()]
        cluster.lists["services"][0]["metadata"]["annotations"]["cutover.dev/refused"] = REFUSED
        browser.wait(f"{CARD}.dataset.state === 'degraded'")
        assert browser.value(f"{CARD}.innerText.includes('was sent the traffic and lost it again')")

        cluster.lists["pods"] = [*pods("blue", V1), pod("green", V2, ready=False, reason="<b>Evicted</b>")]
        browser.wait(f"{CARD}.innerText.includes('<b>Evicted</b>')")
        assert browser.value(f"{CARD}.querySelector('b')") is None
        assert browser.faults == []
        assert {one.rpartition("/")[0] + "/" for one in browser.requested} == {address}
    browser.wait("document.getElementById('live').textContent.startsWith('no connection')")


def test_it_is_read_with_the_keyboard(project: Path, browser: Tab) -> None:
    with running(project) as (address, _):
        browser.open(address)
        browser.press("Tab")
        assert browser.value("document.activeElement.className") == "skip"
        assert browser.value("document.activeElement.getBoundingClientRect().left >= 0")
        for _ in range(5):
            browser.press("Tab")
            if browser.value("document.activeElement.localName") == "summary":
                break
        assert browser.value("document.activeElement.innerText") == "Pods of blue"
        assert not browser.value("document.activeElement.closest('details').open")
        browser.press("Enter")
        assert browser.value("document.activeElement.closest('details').open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_page_is_wider_than_its_window_nor_written_in_what_it_stands_on(
    project: Path, browser: Tab, tmp_path: Path, scheme: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(render("report.html", page=report_page()))
    with running(project) as (address, _):
        for place in (address, file.as_uri()):
            browser.send("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=True)
            browser.open(place, prefers_color_scheme=scheme)
            assert browser.value("document.documentElement.scrollWidth") <= 360
            ink, ground = (
                browser.value(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor")
            )
            assert (ink, ground) == {
                "light": ("rgb(28, 36, 48)", "rgb(245, 246, 248)"),
                "dark": ("rgb(232, 236, 241)", "rgb(17, 21, 27)"),
            }[scheme]
    assert browser.faults == []


def test_without_a_script_it_reads_itself_anew(project: Path, browser: Tab) -> None:
    with running(project) as (address, _):
        browser.send("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(address)
        text = browser.value("document.body.innerText")
        assert "blue takes the traffic with 1.0.0 build 1" in text
        assert browser.value("document.querySelector('noscript meta').httpEquiv") == "refresh"


def test_the_report_fetches_nothing(browser: Tab, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render("report.html", page=report_page()))
    browser.open(file.as_uri())
    assert [one for one in browser.requested if not one.startswith("data:")] == [file.as_uri()]
    assert browser.value("document.querySelector('svg.picture').getBoundingClientRect().height") > 200
    assert browser.faults == []


@pytest.mark.skipif(
    "CUTOVER_AXE" not in os.environ, reason="no $CUTOVER_AXE: the path of axe.min.js (npm pack axe-core)"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(project: Path, cluster: Cluster, browser: Tab, tmp_path: Path, scheme: str) -> None:
    file = tmp_path / "report.html"
    file.write_text(render("report.html", page=report_page()))
    axe = Path(os.environ["CUTOVER_AXE"]).read_text()
    cluster.lists["services"][0]["metadata"]["annotations"]["cutover.dev/refused"] = REFUSED
    with running(project) as (address, _):
        for place in (address, file.as_uri()):
            browser.open(place, prefers_color_scheme=scheme)
            browser.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
            browser.value(f"{axe};1")
            found = browser.value("axe.run().then((all) => all.violations.map((one) => `${one.id}: ${one.help}`))")
            assert found == []
