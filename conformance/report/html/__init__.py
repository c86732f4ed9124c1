"""``report.html``: a run as one page that needs nothing else, for the vendor who must mend and the buyer who must decide.

``page.render`` makes it of the report (``conformance.json``) and the recording. Everything that a target sent passes
through two gates on its way out: control characters become visible escapes, and the template escapes markup; nothing is
ever marked as safe. Only the catalogue's pages become links.
"""
