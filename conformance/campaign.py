"""One run's evidence: played once, by whoever comes first, and read by everybody else (``pytest -n``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from conformance.embedded import EmbeddedMock
from conformance.journeys.player import Player
from conformance.journeys.run import play
from conformance.outcomes import BadInput
from conformance.recording import Recording
from conformance.recording_file import load, save
from conformance.settings import Settings
from conformance.stopping import told
from conformance.target import Target

RECORDING = "recording.json"
LOCK_SECONDS = 3600.0


class Campaign:
    """The evidence of a run, shared by the processes of one pytest session through a folder of theirs."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self._mock: EmbeddedMock | None = None
        self._target: Target | None = settings.target

    def target(self) -> Target:
        """The target, for whoever talks to it beside the journeys; the embedded mock is started at the first call.

        :raises OurMistake: when the mock does not start.
        """
        if self._target is None:
            self._mock = EmbeddedMock()
            self._target = self._mock.__enter__()
        return self._target

    def close(self) -> None:
        """Stop the embedded mock, if this process started one."""
        mock, self._mock = self._mock, None
        if mock is not None:
            mock.__exit__(None, None, None)

    def recording(self, progress: Callable[[Player], None] | None = None) -> Recording:
        """Play, or read what another process has played.

        :raises BadInput: the target cannot be reached or refuses the key, or the recording cannot be read or kept.
        :raises Interrupted: by a signal, while playing.
        :raises Exception: anything else is a mistake of ours.
        """
        if self.settings.replay is not None:
            return load(self.settings.replay)
        path = self.folder / RECORDING
        with FileLock(str(self.folder / "playing.lock"), timeout=LOCK_SECONDS):
            if path.exists():
                return load(path)
            # Whoever waited here while another process failed must not fail once more on its own.
            if told(self.folder) is not None:
                raise BadInput("another process of this session could not play")
            playing = self.folder / "playing"
            if playing.exists():
                # Whoever played was killed. To play once more would cost all its turns again.
                raise BadInput("the process that played the journeys was killed; nothing was judged")
            try:
                playing.touch()
                recording = play(self.target(), self.settings.limits, progress)
                save(recording, path)
            except OSError as error:
                raise BadInput(
                    f"the recording cannot be kept in {self.folder.parent} ({error.strerror or error})"
                ) from None
            return recording
