"""What a release says of one resource, and the document that says it: read by the server for a request, by `build` for all."""
