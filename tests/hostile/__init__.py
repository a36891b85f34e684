"""Requests that mean no good, by family, and what sends them: each is a vector with the answers it may get."""
