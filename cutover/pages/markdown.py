"""The report as a short piece of Markdown, for a comment on a pull request. No links, no mentions, no HTML. Pure.

Whatever others wrote stands in a code span: there a forge makes no link, no mention and no reference of it.
"""

import re
from collections.abc import Iterator

from cutover.pages.gates import Answer
from cutover.pages.render import clock, iso, utc
from cutover.pages.report import Command, Released, ReportPage
from cutover.pages.traffic import Traffic

_UPDATES = 5
_LONGEST = 160
_BREAKS = re.compile(r"[`|\r\n]")


def markdown(page: ReportPage) -> str:
    """The report's text; it ends with a newline."""
    return "\n".join(_lines(page)) + "\n"


def code(text: str, length: int = _LONGEST) -> str:
    """Foreign text as a code span that fits a cell of a table."""
    plain = " ".join(_BREAKS.sub(lambda found: {"`": "'", "|": "¦"}.get(found[0], " "), text).split())
    shown = plain if len(plain) <= length else plain[: length - 1] + "…"
    return f"`{shown}`" if shown else ""


def _lines(page: ReportPage) -> Iterator[str]:
    yield f"### Release of {code(page.stack)}, namespace {code(page.namespace)}"
    yield ""
    if page.released:
        yield "| service | state | takes the traffic | before it | since | gates |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(one) for one in page.released)
    else:
        yield "No services in its config."
    for one in page.released:
        yield from _wrong(one)
    if page.traffic:
        yield from _traffic(page.traffic)
    if page.command:
        yield from _command(page.command)
    if page.entries:
        yield from _updates(page)
    yield ""
    yield f"<sub>As it was at {utc(iso(page.made))}.</sub>"


def _row(one: Released) -> str:
    card = one.card
    live = " ".join(filter(None, (one.color, one.release)))
    since = utc(iso(card.moved)) if card.moved else ""
    cells = (
        code(card.name),
        f"{card.symbol} {card.state}",
        code(live) or "nothing",
        code(one.came.before),
        since,
        _counted(card.gates),
    )
    return f"| {' | '.join(cells)} |"


def _counted(gates: tuple[Answer, ...]) -> str:
    words = {"passed": "passed", "refused": "**refused**", "now": "not yet", "waits": "waiting"}
    counts = {said: sum(gate.said == said for gate in gates) for said in words}
    return ", ".join(f"{count} {words[said]}" for said, count in counts.items() if count)


def _wrong(one: Released) -> Iterator[str]:
    """What is not as it should be, or will not stay as it is. The words of a scale-down are ours, with plain names."""
    for gate in one.card.gates:
        if gate.said == "refused":
            yield from ("", f"✖ {code(one.card.name)}: {code(gate.gate)} {code(gate.words)}")
    for found in one.card.differences:
        said = f"config {code(found.desired)}, cluster {code(found.actual)}"
        yield from ("", f"⚠ {code(found.what)}: {said}; {found.settle if _is_ours(found.settle) else ''}".rstrip("; "))
    if one.card.scale_down:
        yield from ("", f"◌ {code(one.card.name)}: {one.card.scale_down}")


def _is_ours(text: str) -> bool:
    """Whether an advice has no more than words and commands in it."""
    return text.count("`") % 2 == 0 and not re.search(r"[|<>@#\r\n]", text)


def _traffic(found: Traffic) -> Iterator[str]:
    yield from ("", f"**Under load**: {found.verdict}, {code(found.url)}")
    if found.picture:
        yield from ("", "| version | answers | first | last |", "|---|---|---|---|")
        for band in found.picture.bands:
            yield f"| {code(band.version)} | {band.answers:,} | {clock(band.first)} | {clock(band.last)} |"
    for line in found.failures:
        yield from ("", f"✖ {code(line)}")


def _command(found: Command) -> Iterator[str]:
    end = f"{found.symbol} {code(f'cutover {found.verb}')} {code(found.result)}"
    yield from ("", f"**The last command**: {end}" + (f", code {code(found.code)}" if found.code else ""))
    if found.symbol == "✖" and found.lines:
        yield from ("", f"> {code(found.lines[0])}")
    yield from (f"> {code(line)}" for line in found.watched)


def _updates(page: ReportPage) -> Iterator[str]:
    yield from ("", "<details><summary>The last updates</summary>", "")
    yield from ("| update | when | result | moved | who | commit |", "|---|---|---|---|---|---|")
    for entry in page.entries[:_UPDATES]:
        cells = (
            str(entry.number),
            utc(entry.when),
            f"{entry.symbol} {code(entry.result)}",
            code(entry.moved) or code(entry.message),
            code(entry.who),
            code(entry.short_commit),
        )
        yield f"| {' | '.join(cells)} |"
    yield from ("", "</details>")
