"""A runner of the W3C test suites of SPARQL: manifests, results, the engines that are judged, and the protocol."""
