"""The observer process: it starts one host, samples the host's workers and, at the end, kills and removes what is left.

`observer` is its event loop; `sampling_loop`, `sampler`, `sampling_rate` and `gil_locations` sample the workers; `cleanup` and
`subreaper` end processes. `terminal_restore` and `parent_death_wrapper` are small programs of their own. All of it uses the
standard library only, because the observer runs without the app's packages.
"""
