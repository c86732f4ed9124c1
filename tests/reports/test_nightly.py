"""The nightly run's issue: what is told and what is not, and nothing but one issue, whatever GitHub or a stranger sends."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from click.testing import CliRunner, Result

from conformance.outcomes import BadInput
from conformance.report.nightly import repository
from conformance.report.nightly.command import nightly
from conformance.report.nightly.repository import LABEL
from conformance.report.nightly.tidings import MAX_BODY, NO_REPORT, is_told, tidings
from tests.reports.made import NASTY, report, saved, with_reason

API = "https://api.example.net"
RUN_URL = "https://forge.example.net/owner/suite/actions/runs/77"
ENVIRON = {
    "GITHUB_API_URL": API,
    "GITHUB_REPOSITORY": "owner/suite",
    "GITHUB_REPOSITORY_ID": "5",
    "GITHUB_REF_NAME": "main",
    "GITHUB_RUN_ID": "77",
    "GITHUB_SERVER_URL": "https://forge.example.net",
    "GITHUB_TOKEN": "token-of-the-job",
}
REPO = f"{API}/repos/owner/suite"


def artifact(number: int, **more: Any) -> dict[str, Any]:
    run = {"id": 70, "repository_id": 5, "head_repository_id": 5, "head_branch": "main", **more.pop("run", {})}
    return {"id": number, "name": "nightly-report", "expired": False, "workflow_run": run, **more}


def archived(content: bytes | None, name: str = "conformance.json") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("summary.md", "x")
        if content is not None:
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def github() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


def earlier(github: respx.MockRouter, value: dict[str, Any] | None) -> None:
    """What the repository keeps of last night."""
    found = [] if value is None else [artifact(1)]
    github.get(f"{REPO}/actions/artifacts").respond(json={"artifacts": found})
    # As GitHub does: to another host, with no token.
    github.get(f"{REPO}/actions/artifacts/1/zip").respond(302, headers={"location": "https://store.example.net/z"})
    github.get("https://store.example.net/z").respond(content=archived(json.dumps(value).encode()))


def issues(github: respx.MockRouter, *found: dict[str, Any]) -> dict[str, respx.Route]:
    github.get(f"{REPO}/issues").respond(json=list(found))
    return {
        "made": github.post(f"{REPO}/issues").respond(201, json={"number": 9}),
        "comment": github.post(f"{REPO}/issues/4/comments").respond(201, json={}),
        "edited": github.patch(f"{REPO}/issues/4").respond(json={}),
    }


def issue(title: str = "Conformance", body: str = "") -> dict[str, Any]:
    return {"number": 4, "title": title, "body": body}


def tonight(path: Path, *more: str) -> Result:
    return CliRunner().invoke(nightly, [str(path), *more], env=ENVIRON)


def sent(route: respx.Route) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(route.calls.last.request.content)
    return value


def test_a_change_opens_one_issue(github: respx.MockRouter, tmp_path: Path) -> None:
    earlier(github, report())
    routes = issues(github)
    done = tonight(saved(report(CUR_01="failed"), tmp_path / "a.json"))
    assert (done.exit_code, done.stdout) == (0, "opened issue 9: Conformance: nonconformant, 1 broken\n")
    made = sent(routes["made"])
    assert made["labels"] == [LABEL]
    assert "CUR-01" in made["body"]
    assert RUN_URL in made["body"]
    assert not routes["comment"].called


def test_a_change_updates_the_issue_that_is_open(github: respx.MockRouter, tmp_path: Path) -> None:
    earlier(github, report(CUR_01="failed"))
    routes = issues(github, issue())
    done = tonight(saved(report(), tmp_path / "a.json"))
    assert done.stdout == "updated issue 4: Conformance: conformant, 0 broken\n"
    assert sent(routes["edited"])["title"] == "Conformance: conformant, 0 broken"
    assert "Mended" in sent(routes["comment"])["body"]
    assert not routes["made"].called


def test_no_change_tells_nobody(github: respx.MockRouter, tmp_path: Path) -> None:
    earlier(github, report(CUR_01="failed"))
    routes = issues(github, issue())

    def slower(value: dict[str, Any]) -> None:
        value["seconds"], value["started"], value["suite"] = 99.0, "2026-11-21T01:00:00+00:00", "0.2.0"

    done = tonight(saved(report(slower, CUR_01="failed"), tmp_path / "a.json"))
    assert (done.exit_code, done.stdout) == (0, "nothing changed\n")
    assert not any(route.called for route in routes.values())


def test_the_same_news_is_not_told_twice(github: respx.MockRouter, tmp_path: Path) -> None:
    """A run that is started once more by hand, and a server that stays away for a week."""
    new = report(CUR_01="failed")
    for path, value in ((saved(new, tmp_path / "a.json"), new), (tmp_path / "none.json", None)):
        news = tidings(report(), value, "https://forge.example.net/another/run")
        assert news is not None
        github.clear()
        earlier(github, report())
        routes = issues(github, issue(news.title, news.body.replace("\n", "\r\n")))
        assert tonight(path).stdout == f"issue 4 says so already: {news.title}\n"
        assert not any(route.called for route in routes.values())


def test_a_night_without_a_report_is_told_and_so_is_its_end(github: respx.MockRouter, tmp_path: Path) -> None:
    earlier(github, report())
    routes = issues(github)
    assert NO_REPORT in tonight(tmp_path / "none.json").stdout
    told = sent(routes["made"])
    github.clear()
    earlier(github, report())
    routes = issues(github, issue(told["title"], told["body"]))
    assert "updated issue 4" in tonight(saved(report(), tmp_path / "a.json")).stdout
    assert "a report again" in sent(routes["comment"])["body"]


@pytest.mark.parametrize("kept", [None, {"format": 99, "requirements": []}, {}])
def test_the_first_night_is_told_only_where_something_is_wrong(
    github: respx.MockRouter, tmp_path: Path, kept: dict[str, Any] | None
) -> None:
    earlier(github, kept)
    routes = issues(github)
    assert tonight(saved(report(), tmp_path / "a.json")).stdout == "nothing changed\n"
    assert "opened issue 9" in tonight(saved(report(CUR_01="failed"), tmp_path / "b.json")).stdout
    assert routes["made"].call_count == 1


def test_a_dry_run_tells_nobody(github: respx.MockRouter, tmp_path: Path) -> None:
    earlier(github, report())
    routes = issues(github)
    done = tonight(saved(report(CUR_01="failed"), tmp_path / "a.json"), "--dry-run")
    assert done.stdout.startswith("a new issue: Conformance: nonconformant, 1 broken")
    assert not any(route.called for route in routes.values())


def test_only_what_this_branch_left_is_believed(github: respx.MockRouter, tmp_path: Path) -> None:
    """A pull request's run can leave an artifact of any name."""
    github.get(f"{REPO}/actions/artifacts").respond(
        json={
            "artifacts": [
                artifact(7, expired=True),
                artifact(6, run={"id": 77}),
                artifact(5, run={"head_repository_id": 666}),
                artifact(4, run={"head_branch": "a-branch"}),
                artifact(3) | {"workflow_run": None},
                artifact(1),
                artifact(2),
            ]
        }
    )
    github.get(f"{REPO}/actions/artifacts/2/zip").respond(content=archived(None))
    github.get(f"{REPO}/actions/artifacts/1/zip").respond(content=archived(json.dumps(report()).encode()))
    issues(github)
    assert tonight(saved(report(), tmp_path / "a.json")).stdout == "nothing changed\n"
    asked = [call.request.url.path for call in github.calls if call.request.url.path.endswith("/zip")]
    assert [path.split("/")[-2] for path in asked] == ["2", "1"], "the newest of ours first, the next where it has none"


def test_the_token_goes_to_the_api_only(github: respx.MockRouter, tmp_path: Path) -> None:
    earlier(github, report())
    issues(github)
    done = tonight(saved(report(CUR_01="failed"), tmp_path / "a.json"))
    for call in github.calls:
        assert ("authorization" in call.request.headers) == (call.request.url.host == "api.example.net")
    assert ENVIRON["GITHUB_TOKEN"] not in done.output


@pytest.mark.parametrize("archive", [b"", b"PK\x03\x04", archived(b"x", "../conformance.json"), b"\x00" * 1000])
def test_what_is_no_archive_of_a_report_is_none(github: respx.MockRouter, tmp_path: Path, archive: bytes) -> None:
    github.get(f"{REPO}/actions/artifacts").respond(json={"artifacts": [artifact(1)]})
    github.get(f"{REPO}/actions/artifacts/1/zip").respond(content=archive)
    issues(github)
    assert tonight(saved(report(), tmp_path / "a.json")).stdout == "nothing changed\n"


def test_an_archive_that_swells_or_is_too_large_is_left(
    github: respx.MockRouter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier(github, report())
    issues(github)
    monkeypatch.setattr(repository, "MAX_FILE_BYTES", 1000)
    assert tonight(saved(report(), tmp_path / "a.json")).stdout == "nothing changed\n"
    monkeypatch.setattr(repository, "MAX_ARTIFACT_BYTES", 10)
    done = tonight(saved(report(), tmp_path / "a.json"))
    assert isinstance(done.exception, BadInput)
    assert "larger than any report" in str(done.exception)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403, json={"message": "no"}),
        httpx.Response(500),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"artifacts": [{"id": "x"}]}),
        httpx.Response(200, json={"artifacts": 3}),
        httpx.ConnectTimeout("slow"),
    ],
)
def test_whatever_github_does_is_one_line(
    github: respx.MockRouter, tmp_path: Path, answer: httpx.Response | Exception
) -> None:
    github.get(f"{REPO}/actions/artifacts").mock(
        **({"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer})
    )
    done = tonight(saved(report(), tmp_path / "a.json"))
    assert isinstance(done.exception, BadInput)
    assert str(done.exception).startswith("GitHub, actions/artifacts: ")


@pytest.mark.parametrize("name", ENVIRON)
def test_outside_of_a_job_it_says_what_is_missing(tmp_path: Path, name: str) -> None:
    done = CliRunner().invoke(nightly, [str(tmp_path / "none.json")], env={**ENVIRON, name: ""})
    assert isinstance(done.exception, BadInput)
    assert name in str(done.exception)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_whatever_a_target_says_fits_into_an_issue(text: str) -> None:
    """What it would be shown as: ``test_hostile_text``."""
    news = tidings(report(), with_reason(text), RUN_URL)
    assert news is not None
    assert len(news.body) <= 65_536
    assert len(news.comment) <= 65_536
    assert news.title.isprintable()


def test_a_body_is_cut_at_the_end_of_a_line() -> None:
    def more(value: dict[str, Any]) -> None:
        value["observations"] += [{"about": f"point {n}", "value": "x" * 150} for n in range(900)]

    news = tidings(report(), report(more, CUR_01="failed"), RUN_URL)
    assert news is not None
    assert len(news.body) <= 65_536
    assert len(news.comment) <= 65_536
    assert "(cut here" in news.comment
    assert len(news.comment) > MAX_BODY - 1000
    assert is_told(news.body, news)
