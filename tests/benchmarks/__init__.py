"""Benchmarks: what the software costs beside its peers, in turn in one run (`make bench` writes docs/benchmarks.md).

One module a subject, named in `__main__`; all peers stand in the table of `peers`. A subject makes its input from a seed,
sees to it that all sides give the same answer, and returns comparisons; how they are shown is `page`'s.
"""
