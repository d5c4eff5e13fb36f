"""A page of HTML as a reader meets it: landmarks, headings, labels, what it would fetch; and contrast of its colors."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}
_BLOCKS = {"p", "li", "dt", "dd", "td", "th", "h1", "h2", "h3", "h4", "summary", "title", "desc", "a", "header"}
_FETCHES = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping"}


@dataclass
class Page(HTMLParser):
    """`problems` are faults of its form; `text` is what is read."""

    content: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.content)
        self.close()
        if self._open:
            self.problems.append(f"never closed: {self._open}")
        self.problems += self._faults()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.problems.append(f"an attribute twice in {self.get_starttag_text()}")
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing that is open")
        if tag in _BLOCKS:
            self.text += " "

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1] in ("style", "script")):
            self.text += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """The attributes of each such element."""
        wanted = attributes.items()
        return [found for name, found in self.tags if name == tag and wanted <= found.items()]

    @property
    def headings(self) -> list[int]:
        """The levels of the headings, in order."""
        return [int(tag[1]) for tag, _ in self.tags if re.fullmatch("h[1-6]", tag)]

    @property
    def fetched(self) -> list[str]:
        """What a browser would fetch by itself."""
        own = [value for tag, found in self.tags for name, value in found.items() if name in _FETCHES]
        links = [found["href"] for tag, found in self.tags if tag in ("link", "use", "image") and "href" in found]
        return [one for one in own + links if not one.startswith("data:")]

    def _faults(self) -> list[str]:
        ids = [found["id"] for _, found in self.tags if "id" in found]
        faults = [f"id {name!r} is there twice" for name in {one for one in ids if ids.count(one) > 1}]
        for tag, found in self.tags:
            for name in ("aria-labelledby", "aria-describedby"):
                faults += [f"{tag} {name}: no {one!r}" for one in found.get(name, "").split() if one not in ids]
            target = found.get("href", "")
            if target.startswith("#") and target[1:] not in ids:
                faults.append(f"a link to {target!r}, which is not there")
            faults += [f"{tag} has {name}" for name in found if name.startswith("on") or name == "style"]
        for before, after in zip([0, *self.headings], self.headings, strict=False):
            if after > before + 1:
                faults.append(f"h{after} after h{before}")
        faults += [f"{n} times <{tag}>" for tag in ("main", "h1", "title") if (n := len(self.of(tag))) != 1]
        if not (self.all("html") and self.all("html")[0].get("lang")):
            faults.append("the language is not said")
        faults += ["an svg without a name" for found in self.all("svg") if not _named(found)]
        return faults

    def of(self, tag: str) -> list[dict[str, str]]:
        """As `all`, without the titles of pictures."""
        found = self.all(tag)
        return [one for one in found if "id" not in one] if tag == "title" else found


def _named(found: dict[str, str]) -> bool:
    return found.get("aria-hidden") == "true" or (found.get("role") == "img" and "aria-labelledby" in found)


def contrast(one: str, other: str) -> float:
    """The contrast of two colors (`#rrggbb`) as WCAG 2 counts it: 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
