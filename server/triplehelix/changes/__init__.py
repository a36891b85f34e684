"""What changed between two releases: lines of N-Quads, by entity, and along the chain of releases.

`build` writes the changes of a release against the one that was current before it; everybody else reads them here. Patches,
pages and feeds are renderings of these, made where they are asked for.
"""
