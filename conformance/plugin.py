"""pytest's face of the suite: options, hooks, the summary. The thinking is elsewhere.

Inert unless tests with the marker ``requirement`` are collected: an installed suite must not disturb other projects.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.options import DRY_RUN, FLAGS, OPTIONS
from conformance.shielding import only_the_message, shield_warning

if TYPE_CHECKING:
    from conformance.session import ConformanceSession

_KEY: pytest.StashKey[ConformanceSession] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("neo conformance")
    for option in OPTIONS:
        group.addoption(f"--{option.name}", metavar=option.metavar, dest=option.destination, help=option.help)
    for flag in FLAGS:
        group.addoption(f"--{flag.name}", action="store_true", dest=flag.destination, help=flag.help)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """A dry run needs no workers, and must not start any."""
    if getattr(config.option, DRY_RUN.destination, False) and getattr(config.option, "numprocesses", None):
        config.option.numprocesses, config.option.dist, config.option.tx = 0, "no", []


def pytest_configure(config: pytest.Config) -> None:
    from conformance.session import ConformanceSession

    config.addinivalue_line(
        "markers", "requirement(*ids): the requirements of spec/requirements.yaml that a test serves"
    )
    workerinput = getattr(config, "workerinput", None)
    if workerinput is None:
        _keep_to_the_suite(config)
        folder = Path(tempfile.mkdtemp(prefix="neo-conformance-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    else:
        folder = Path(workerinput["neo_conformance_folder"])
    ours = ConformanceSession(config, folder, on_worker=workerinput is not None)
    config.stash[_KEY] = ours
    config.add_cleanup(ours.close)
    if not ours.on_worker:
        config.pluginmanager.register(_Controller(ours), "neo_conformance_controller")


def _keep_to_the_suite(config: pytest.Config) -> None:
    """``pytest --report-dir DIR`` in the checkout means the suite, too.

    pytest looks for its configuration before it knows our options: a value that is an existing path is then taken for a
    test to run, the configuration of the checkout is not found, and everything below would be collected.
    """
    package = Path(__file__).parent
    in_checkout = config.invocation_params.dir == package.parent and (package.parent / "pyproject.toml").is_file()
    if in_checkout and config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR:
        config.args = [str(package)]


class _Controller:
    """The hooks of the process that sees all reports: xdist's controller, or the only process there is."""

    def __init__(self, ours: ConformanceSession) -> None:
        self._ours = ours

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """xdist's hook: the workers of this session share one folder."""
        node.workerinput["neo_conformance_folder"] = str(self._ours.folder)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        """xdist's hook: a worker that ended otherwise than by the end of its tests was killed."""
        del node
        if error is not None:
            self._ours.interrupted = "by the death of a worker"

    def pytest_warning_recorded(self, warning_message: Any) -> None:
        shield_warning(warning_message, self._ours.redactor)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._ours.take(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
        session.exitstatus = self._ours.finish(int(exitstatus))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        summary = self._ours.summary()
        if summary:
            terminalreporter.section("conformance")
            for line in summary:
                terminalreporter.write_line(self._ours.redactor.text(line))

    def pytest_unconfigure(self) -> None:
        stopped = self._ours.stopped
        if stopped is not None:
            sys.stdout.flush()
            sys.stderr.write(f"neo-conformance: {stopped.line}\n")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[_KEY].select(session.items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Play before the first test. Without evidence there is nothing to judge, and no test is run."""
    ours = session.config.stash[_KEY]
    ours.play()
    return True if (ours.stopped is not None or ours.dry) and not ours.on_worker else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    ours = item.config.stash[_KEY]
    if ours.serves(item):
        ours.refuse_to_write(item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """On a worker the loop has to go on, or its controller would wait: its tests are passed over instead."""
    ours = item.config.stash[_KEY]
    return True if ours.serves(item) and ours.stopped is not None else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    ours = item.config.stash[_KEY]
    if call.excinfo is not None and ours.serves(item):
        only_the_message(item)
    report = yield
    ours.outcome(item, call, report)
    return report


@pytest.fixture(scope="session")
def conformance_session(pytestconfig: pytest.Config) -> ConformanceSession:
    """This run: its settings, its target, its recording."""
    return pytestconfig.stash[_KEY]
