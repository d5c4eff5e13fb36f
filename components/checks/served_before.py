"""What has been proved of a release by traffic already, so that no gate asks it again (docs/adr/0016)."""

from components.releases.view import ReleaseView
from components.rules.served import mark


def mark_of(view: ReleaseView, place: str = "") -> str:
    """The mark of a view's release. Of secrets their keys count: a value never leaves its Secret."""
    release = view.release
    own = {
        "env": dict(release.env),
        "config": dict(release.config),
        "files": dict(release.config_files),
        "secrets": {name: source if isinstance(source, str) else "" for name, source in release.secrets.items()},
    }
    return mark(place, release.id, release.image, own)
