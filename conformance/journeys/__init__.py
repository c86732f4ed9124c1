"""Journeys: each plays once against the target and leaves its exchanges in the recording. None of them judges.

The steps of each, and the facts that its exchanges carry (``session``: the session's id, always where there is one).
A turn's exchanges carry ``turn`` (its number in the session, from 1) and ``part``:

==========  ===========================================================================================================
part        exchange
==========  ===========================================================================================================
``post``    ``turn-N/post``; facts ``tier`` (FAST, SMART or None: omitted), ``client_message_id`` (a string, None: sent
            as null, or missing: not sent), ``text``, ``attachments`` (how many). An answer 409 that only said *busy*
            is recorded before it as ``turn-N/busy-K`` with fact ``busy``; when the wait for a busy server was given up
            the last 409 is ``turn-N/post`` with fact ``gave_up``. Only a 202 makes it a turn.
``tail``    ``turn-N/tail`` (``kind`` main: from the 202's cursor by query, or no cursor where it is null),
            ``turn-N/tail-by-header`` (header), ``turn-N/tail-from-before`` (before: from the last id of turn N-1, fact
            ``after``), ``turn-N/tail-without-cursor`` (none), ``turn-N/tail-again`` (again: like main, after the turn)
``resume``  ``turn-N/resume-KKK-query|header``: after the turn, from each id of it; facts ``after``, ``by``
``live``    ``turn-N/live-KKK``: a tail cut by the client while the turn runs, and resumed; facts ``after`` (None for the
            first, which starts at the 202's cursor), ``link`` (from 1), ``by``
==========  ===========================================================================================================

========================  =============================================================================================
journey                   steps beside ``session`` (the POST that created it) and its turns
========================  =============================================================================================
``dialogue``              seven turns: FAST, FAST, SMART, omitted, SMART, FAST, omitted; every one with tails main,
                          header (where the cursor is no null) and again; from the second on also before; turns 1, 2
                          and 5 also none (turn 1's while it runs); turn 2 is resumed at every id (a spread on a target
                          that is not on loopback), turn 5 live. ``quiet``: from the last id, after the last turn.
                          ``messages`` (all pages: ``messages``, ``messages/page-2`` …). One text for all turns.
                          client_message_id: absent in turns 1, 2, 5, 7, null in 3, 4, 6
``attachments``           ``grant-K``, ``put-K`` (K from 1; facts ``mime``), then turn 1 six attachments and a text, turn 2
                          six others, turn 3 an empty message with one that has no ``alt`` and no ``filename``. Tails main
                          and before. ``messages``. Facts of a post: ``sent_attachments`` (the list as sent).
                          Where turn 3 is refused: ``turn-3/with-alt`` (fact ``probe`` "with-alt": the same with ``alt``
                          and ``filename``) and ``turn-3/with-text`` (probe "with-text": a text, attachment still bare)
``duplicates``            turn 1 with a client_message_id; while it runs ``during-1`` (the same body), ``during-2`` (another
                          text, same id); when it has ended ``messages-before``, ``after-1`` (same body), ``after-2``
                          (another text), ``after-3`` (same body), ``quiet-1`` (tail from turn 1's last id, until
                          silence), ``messages-after``; turn 2 without an id, with turn 1's text; ``during-next``,
                          ``after-next`` (turn 1's body again, while and after turn 2 runs), ``quiet-2``, ``messages-end``.
                          Facts of a duplicate: ``duplicate_of`` (turn number), ``text``, ``same_body``, ``while_running``
``racing``                ``same-1`` … ``same-4``: four posts at once with one client_message_id (the accepted one is also
                          the post of turn 1: fact ``turn``; facts ``rival``); where none is accepted ``turn-1/post`` is
                          tried alone. Then ``whole`` (tail from turn 1's last id, opened before the posts, until both
                          turns ended), ``rival-1``, ``rival-2`` (two posts at once, fresh ids; facts ``rival``; a rival that
                          met a busy server is posted again as ``rival-K/again``), and when all has ended
                          ``rival-K/tail`` (from its own cursor). ``rival-K`` are not turns of the session view
``refusals``              probes (step ``refuse-NAME``; facts ``probe`` NAME, ``rule`` the requirement that says so) that a
                          server must or should refuse, on a session that has had no turn; for seven attachments with
                          ``grant-K``, ``put-K``; then ``quiet`` (no cursor, until silence); then turn 1 (tails main and none), a legal but
                          unusual text: ``turn-1/surrogate``, where that is refused ``turn-1/nul``, then ``turn-1/post`` (facts
                          ``unusual``), at last ``turn-1/plain``, an ordinary text. ``messages``
``sessions``              ``create-NAME``: bodies for POST /chat/sessions; facts ``probe`` NAME, ``rule``, ``expected``
                          ("created", "refused", "no-5xx"). NAME: both, neither, client-id, client-id-other-key, bot-id,
                          titles … (``sessions.py`` has the list)
``uploads``               ``grant-NAME``, ``put-NAME`` for the four image types; ``refuse-NAME``
``strangers``             ``session``; ``bad-CREDENTIAL/OPERATION`` for the credentials none, scheme, empty, malformed,
                          unknown, basic and each chat operation; ``missing-K/OPERATION`` (an unknown session, own key),
                          with a second key ``foreign-K/OPERATION`` (the first key's session, second key) and
                          ``foreign-missing-K/OPERATION`` (an unknown session, second key), K in 1, 2;
                          ``odd-id-NAME`` and ``odd-query-NAME``: GET messages with odd ids and queries, for no 5xx
``idle``                  ``session`` that never has a turn; ``watch`` (a tail of it while the others play), ``foreign-cursor``
                          (fact ``after``: an id of the dialogue's first turn)
``cursors``               ``malformed-NAME-query|header``: tails of the dialogue's session from cursors that are none
``preflight``             ``session``: the very first call; ``key`` only where that was refused with 401
========================  =============================================================================================
"""
