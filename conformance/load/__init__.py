"""The contract under load: many sessions at once on Locust, each judged by the scenarios' own rules.

```
Locust (gevent)            users.py: when sessions begin and end; messages.py: what workers tell their master
  └ a thread with asyncio  stage.py: plays sessions with the suite's own player (player.py), several hundred at a time
      └ a process          judge.py: judges each finished recording; off the event loop, so that no tail waits for it
```

A session is a history (``conformance.histories``): its steps are drawn (plans.py) in the manner of a profile (profiles.py),
its exchanges are recorded in the form that every judge knows, and the recording is dropped once it is judged. What stays is
counted (tally.py): findings with their first few examples, latencies in bins over time (latency.py), what the generator cost.

Only ``users``, ``messages``, ``locustfile`` and ``running`` import Locust and gevent; nothing outside this package does.
"""

from __future__ import annotations

import os

LOCUST_UNPATCHED = "LOCUST_SKIP_MONKEY_PATCH"
"""Locust replaces Python's sockets, threads and selectors when it is imported, unless this variable is set. Here they have to
stay what they are: sessions are played by asyncio in a real thread, and Locust's own parts ask gevent for what they need."""

os.environ.setdefault(LOCUST_UNPATCHED, "1")
