"""The wire format: how a request carries the session id. One file per carrier; plain functions on text."""
