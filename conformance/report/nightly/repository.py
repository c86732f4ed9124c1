"""The repository on GitHub: the reports of earlier nights, and the one issue. Only what the nightly run needs of its API."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from conformance.outcomes import BadInput
from conformance.report.document import FILE_NAME
from conformance.report.nightly.tidings import Tidings
from conformance.report.reading import MAX_FILE_BYTES

ARTIFACT: Final = "nightly-report"
"""The name under which the workflow keeps a night's reports."""
LABEL: Final = "nightly-conformance"
"""The issue is known by it: whoever may not write to the repository cannot set it."""
MAX_ARTIFACT_BYTES: Final = 128 * 1024 * 1024
TIMEOUT: Final = 60.0
_MOST_LISTED: Final = 30


@dataclass(frozen=True)
class Issue:
    number: int
    title: str
    body: str


@dataclass(frozen=True)
class Workplace:
    """Where this runs, as GitHub's runner says in the environment. ``run`` is the id of this very run."""

    api: str
    repository: str
    repository_id: str
    branch: str
    run: str
    run_url: str
    token: str


def workplace(environ: Mapping[str, str]) -> Workplace:
    """:raises BadInput: a variable that the runner sets is missing, or there is no token."""
    names = (
        *("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID", "GITHUB_REF_NAME"),
        *("GITHUB_RUN_ID", "GITHUB_SERVER_URL", "GITHUB_TOKEN"),
    )
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise BadInput(f"{missing[0]} is not set: this command runs in a job of GitHub Actions")
    api, repository, number, branch, run, server, token = (environ[name] for name in names)
    return Workplace(
        api.rstrip("/"), repository, number, branch, run, f"{server}/{repository}/actions/runs/{run}", token
    )


class Repository:
    """A client of the API for one job.

    Every method raises BadInput where GitHub cannot be reached or refuses.
    """

    def __init__(self, place: Workplace, client: httpx.Client) -> None:
        self._place = place
        self._client = client

    def last_report(self) -> bytes | None:
        """The ``conformance.json`` of the newest earlier run of this branch; None where none is kept.

        A pull request of a stranger can leave an artifact of any name: only what a run of this very branch of this very
        repository left is taken.
        """
        query = {"name": ARTIFACT, "per_page": str(_MOST_LISTED)}
        listed = self._json("GET", "actions/artifacts", params=query)
        with _told("actions/artifacts"):
            numbers = sorted((int(one["id"]) for one in listed["artifacts"] if self._is_ours(one)), reverse=True)
        for number in numbers:
            content = _report_in(self._bytes(f"actions/artifacts/{number}/zip"))
            if content is not None:
                return content
        return None

    def _is_ours(self, artifact: Mapping[str, Any]) -> bool:
        run = artifact.get("workflow_run") or {}
        place = self._place
        of_here = {str(run.get("repository_id")), str(run.get("head_repository_id"))} == {place.repository_id}
        earlier = str(run.get("id")) != place.run and not artifact["expired"]
        return of_here and earlier and run.get("head_branch") == place.branch

    def open_issue(self) -> Issue | None:
        """The open issue of the nightly run: the oldest, where somebody made more than one."""
        query = {"labels": LABEL, "state": "open", "sort": "created", "direction": "asc", "per_page": str(_MOST_LISTED)}
        found = self._json("GET", "issues", params=query)
        with _told("issues"):
            issues = [one for one in found if "pull_request" not in one]
            return next((Issue(int(i["number"]), str(i["title"]), str(i.get("body") or "")) for i in issues), None)

    def open(self, news: Tidings) -> int:
        """Make the issue; its number."""
        return int(
            self._json("POST", "issues", json={"title": news.title, "body": news.body, "labels": [LABEL]})["number"]
        )

    def update(self, issue: Issue, news: Tidings) -> None:
        """Let the issue say how things stand now, and add what happened this night."""
        self._json("POST", f"issues/{issue.number}/comments", json={"body": news.comment})
        self._json("PATCH", f"issues/{issue.number}", json={"title": news.title, "body": news.body})

    def _json(self, method: str, path: str, **more: Any) -> Any:
        with _told(path):
            answer = self._client.request(method, self._url(path), headers=self._headers, **more)
            answer.raise_for_status()
            return answer.json()

    def _bytes(self, path: str) -> bytes:
        """An artifact: GitHub sends on to a store elsewhere, where httpx does not send the token."""
        content = b""
        with (
            _told(path),
            self._client.stream("GET", self._url(path), headers=self._headers, follow_redirects=True) as answer,
        ):
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MAX_ARTIFACT_BYTES:
                    raise BadInput(f"GitHub, {path}: larger than any report ({MAX_ARTIFACT_BYTES} bytes)")
        return content

    def _url(self, path: str) -> str:
        return f"{self._place.api}/repos/{self._place.repository}/{path}"

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._place.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }


@contextmanager
def _told(path: str) -> Iterator[None]:
    """What goes wrong with GitHub is one line, and nothing of the token is in it."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise BadInput(f"GitHub, {path}: {error.response.status_code}") from None
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"GitHub, {path}: no usable answer ({type(error).__name__})") from None


def _report_in(archive: bytes) -> bytes | None:
    """The report in an artifact's archive, read into memory and never to a path; None where there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open(FILE_NAME) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        return None
    return content if len(content) <= MAX_FILE_BYTES else None
