"""Journeys: each plays once against the target and leaves its exchanges in the recording. None of them judges.

The steps of each, and the facts that its exchanges carry (``session``: the session's id, always where there is one).
An attempt that said nothing yet is recorded as ``STEP/limited-N`` (fact ``limited``: a 429) or ``STEP/outage-N`` (fact
``outage``: a 502, 503 or 504, or a dropped connection); ``STEP`` itself is the last attempt. A replay ``messages`` that
lacks an accepted message is ``early-messages-K``, and is asked again for some seconds. ``part`` says what an exchange is:

============  =========================================================================================================
part          exchange
============  =========================================================================================================
``post``      ``turn-N/post``; facts ``turn`` (from 1), ``tier`` (FAST, SMART or None: omitted), ``client_message_id`` (a
              string, None: sent as null, or missing: not sent), ``text``, ``attachments`` (how many),
              ``sent_attachments``. Only a 202 makes it a turn. When the wait for a busy server was given up: ``gave_up``
``busy``      ``turn-N/busy-K`` before it: a 409 that only said *busy* (fact ``busy``)
``tail``      facts ``turn``, ``kind``: ``turn-N/tail`` (main: from the 202's cursor by query, or no cursor where it is
              null), ``turn-N/tail-by-header`` (header), ``turn-N/tail-from-before`` (before: from the last id of turn
              N-1, fact ``after``), ``turn-N/tail-without-cursor`` (none), ``turn-N/tail-again`` (again: like main,
              after the turn)
``resume``    ``turn-N/resume-KKK-query|header``: after the turn, from an id of it; facts ``turn``, ``after``, ``by``
``link``      ``…/link-K`` (K from 2): a tail that was closed in the middle of its turn goes on; facts ``turn``, ``kind``,
              ``after``, ``by``, ``link``. The session view joins it to its tail
``live``      ``turn-N/live-KKK``: a tail cut by the client while the turn runs, and resumed; facts ``turn``, ``after``
              (None for the first, which starts at the 202's cursor), ``link`` (from 1), ``by``
``duplicate``  of a message with the same client_message_id; facts ``duplicate_of``, ``same_body``, ``while_running``
``rival``     one of several posts at once; fact ``rival``: same (one client_message_id) or fresh (one each)
``rival-tail``  from a rival's own cursor, when all has ended
``refusal``   a message that must or should be refused; facts ``probe``, ``rule``, ``note``, ``marker``, ``leans_on``
``unplanned``  the tail of a turn that such a message started all the same
``control``   a second try that tells which of two causes a refusal had
``stranger``, ``odd-id``, ``odd-query``, ``no-route``, ``malformed``, ``key``: as in the table of the journeys. The
              facts ``odd_path`` and ``odd_body`` say that a proxy may refuse what was sent, in a form of its own
============  =========================================================================================================

========================  =============================================================================================
journey                   steps beside ``session`` (the POST that created it) and its turns
========================  =============================================================================================
``dialogue``              seven turns: FAST, FAST, SMART, omitted, SMART, FAST, omitted, one text for all; turns 1, 2 and
                          5 with a tail none (turn 1's while it runs); turn 2 is resumed at every id (a spread on a
                          target that is not on loopback), the others at a few; turn 5 live, 3 and
                          6 in two pieces. ``quiet``: from the last id, after the last turn. ``messages`` (then
                          ``messages/page-2`` …). client_message_id: absent in
                          turns 1, 2, 5, 7, null in 3, 4, 6
``attachments``           its session has no title (refused: ``session-untitled``, then one with a title). ``grant-K``,
                          ``put-K`` (K from 1; fact ``mime``), then ``refuse-first-NAME`` (part ``refusal``, fact
                          ``leans_on``), all with turn 1's client_message_id. Turn 1 FAST, six attachments, no text
                          (where that is refused ``turn-1/with-text``; where the id is told to be known
                          ``turn-1/refused-id``, and turn 1 has another one), ``duplicate-1`` (the same body,
                          when it has ended), turn 2 SMART, six others and a text, ``refuse-later-NAME`` (as
                          ``refuse-first-NAME``: what has to be refused in a later turn as in the first), turn 3
                          an empty message with one that has no ``alt`` and no ``filename``. ``quiet-end``,
                          ``duplicate-late`` (turn 1's body again), ``messages``. Where turn 3 is refused:
                          ``turn-3/with-alt`` (fact ``probe``: the same with ``alt`` and ``filename``),
                          ``turn-3/with-text`` (a text, the attachment still bare), ``turn-3/with-both``
``duplicates``            turn 1 with a client_message_id; while it runs ``during-1`` (the same body), ``during-2`` (another
                          text, same id); when it has ended ``messages-before``, ``after-1`` (same body), ``after-2``
                          (another text), ``after-3`` (same body), ``after-tier`` (another tier), ``quiet-1`` (from turn
                          1's last id), ``messages-after``;
                          turn 2 without an id, with turn 1's text; ``during-next``, ``after-next`` (turn 1's body again,
                          while and after turn 2 runs), ``quiet-2``, ``messages-end``
``racing``                after the dialogue's first turn: ``same-1`` … ``same-4``: the accepted one is the post of turn 1;
                          where none is accepted ``turn-1/post`` is tried alone. Then ``whole`` (tail from turn 1's
                          last id, opened before the posts, until both turns ended), ``rival-1``, ``rival-2`` (a rival
                          that met a busy server is posted again as ``rival-K/again``), and when all has ended
                          ``quiet-end`` and ``rival-K/tail``. ``rival-K`` are not turns of the session view. The rivals'
                          ids are that of turn 1 but for the last character, or but for the letters' case; one that is
                          told to be turn 1's message is posted ``rival-K/once-more``. At the end ``duplicate-late`` (turn
                          1's body) and ``messages``
``refusals``              ``refuse-NAME`` on a session that has had no turn; for those with attachments ``grant-K``,
                          ``put-K``, and ``other-session``, ``other-grant``, ``other-put``; ``quiet`` (no cursor, until
                          silence); then turn 1 (with a tail none), a legal but unusual message: ``turn-1/surrogate``,
                          where that is refused ``turn-1/nul`` (both with a long, odd client_message_id and an attachment
                          with an odd ``alt`` and ``filename``), then ``turn-1/nul-id``, ``turn-1/nul-alt``,
                          ``turn-1/nul-id-alone``, ``turn-1/long-id``, ``turn-1/odd-id``, ``turn-1/alt``, ``turn-1/post``
                          (all with fact ``unusual``), at last ``turn-1/plain``, an ordinary text. ``quiet-end``,
                          ``messages``
``sessions``              ``create-NAME``: bodies for create-session; facts ``probe`` NAME, ``rule``, ``expected``
                          (created, refused, no-5xx), ``note``; ``probes/`` has the list. Then ``create-odd-type-NAME``: a
                          body under an odd content type, for no 5xx
``uploads``               ``grant-NAME``, ``put-NAME`` for the four image types; ``refuse-NAME``
``strangers``             ``bad-CREDENTIAL/OPERATION`` for each bad credential and each chat operation;
                          ``bad-CREDENTIAL/OPERATION/WAY`` (fact ``way``): with a cursor, a query, a charset;
                          ``odd-credential-NAME``: for no 5xx; ``bad-CREDENTIAL-nowhere/OPERATION``: an unknown session;
                          ``missing-K/OPERATION`` (an unknown session, own key; fact ``asked``),
                          ``missing-1/tail-events/WAY`` (with a cursor), with a second key
                          ``foreign-K/OPERATION`` (our session, second key) and ``foreign-missing-K/OPERATION`` (an
                          unknown session, second key), K in 1, 2; ``foreign-bad-WHAT-K``, ``foreign-missing-bad-WHAT-K``
                          (the same with a bad body, cursor, type); ``foreign-turns/NAME`` (the dialogue's session
                          after its first turn, second key; ``known-id``: with a client_message_id that its session
                          accepted); ``odd-id-NAME``, ``odd-query-NAME``: GET messages with odd ids and queries, for no
                          5xx; ``odd-id-NAME/OPERATION``: these ids elsewhere; ``no-route-NAME``: a path and a method that
                          are on no page
``idle``                  a session that never has a turn; ``watch`` (a tail of it while the others play),
                          ``foreign-cursor`` (fact ``after``: an id of the dialogue's first turn),
                          ``foreign-cursor-query|header`` (on the dialogue's session, ``after`` an id of a third one);
                          all with part ``foreign``
``cursors``               ``malformed-NAME-query|header``: tails of the dialogue's session from cursors that are none
``preflight``             the very first call; ``key`` only where that was refused with 401
========================  =============================================================================================
"""
