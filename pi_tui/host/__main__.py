"""Start one host process: `python -m pi_tui.host`.

A spawned worker imports its parent's main file again, so this file imports nothing unless it is the main file.
"""

if __name__ == "__main__":
    import sys

    from pi_tui.host.server import main

    sys.exit(main())
