"""Mutation test of the judges: is every line of a judging module held by some test?

``python -m tests.mutation`` changes one operator, one number, one statement of a judging module at a time and runs the
project's own tests of recordings on it. A change that no test notices is a *survivor*: it needs a test, or a reason in
``survivors.yaml``. cosmic-ray gives the operators (and ``operators.py`` a few more); mutants are tried in forks of one
pytest process that has everything loaded, and each is tried on those tests only that execute the changed statement.
"""
