"""One run: its request, plan, limits and estimate; its rounds of trials in hosts or in the app; its events and results."""
