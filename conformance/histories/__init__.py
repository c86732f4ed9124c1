"""Histories (FUZZ-02): generated sequences of operations on one or several sessions, judged by the scenarios' own rules.

A history is a list of steps. It is performed by the suite's player, leaves a recording, and that recording is judged: no
rule is written a second time here.
"""
