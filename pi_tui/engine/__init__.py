"""Turn a request into results: plan the cases, run the hosts, find the interpreters, stream the events."""
