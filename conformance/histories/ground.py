"""What the steps of one history stand on: the player, the budget, and the sessions so far."""

from __future__ import annotations

from conformance.histories.budget import Budget, CountingPlayer
from conformance.histories.model import SessionModel


class Ground:
    """``prefix`` begins the names of the history's journeys, so that its exchanges can be told from other histories'."""

    def __init__(self, player: CountingPlayer, budget: Budget, prefix: str) -> None:
        self.player = player
        self.budget = budget
        self.prefix = prefix
        self.sessions: list[SessionModel] = []

    def ask(self, posts: int) -> None:
        """:raises BudgetSpent: when so many messages could begin more turns than there may be."""
        self.budget.ask(self.player.begun, posts)
