"""Kubeconfigs that a parser trips over are refused by name."""

from pathlib import Path

import pytest

from kubeaccess import Access, KubeconfigError, read

HEAD = "kind: Config\napiVersion: v1\n"


@pytest.mark.parametrize(
    "text",
    [
        "\n" + "[" * 100_000,  # ended the process
        f"{HEAD}current-context: !!int\n",
        f"{HEAD}current-context: !!float x\n",
        f"{HEAD}users: !!set [a]\n",
        f"{HEAD}? [a]\n: b\n",
        f"{HEAD}x: !!timestamp hunter2\n",
        f"{HEAD}x: !!python/object/apply:os.getcwd []\n",
        f"{HEAD}---\n{HEAD}",
        f'{HEAD}current-context: "\\ud800"\n',
    ],
    ids=lambda text: text.removeprefix(HEAD)[:20].strip(),
)
def test_what_is_no_yaml_or_of_another_type(text: str) -> None:
    with pytest.raises(KubeconfigError) as refused:
        read(Access(text, folder=Path("/nonexistent")), {})
    assert str(refused.value).isprintable()
    assert "hunter2" not in str(refused.value)


def test_one_letter_is_a_truth_and_a_date_is_text() -> None:
    text = f"{HEAD}current-context: 2024-01-01\ncontexts: []\nx: y\n"
    with pytest.raises(KubeconfigError, match="context '2024-01-01' is not in it"):
        read(Access(text), {})
