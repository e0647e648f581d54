"""From what a person asked to results: plan, host processes, interpreters, the stream of events."""
