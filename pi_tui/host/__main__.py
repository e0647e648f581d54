"""`python -m pi_tui.host`: one host process.

A spawned worker imports its parent's main file again: so this one imports nothing until it is the main file.
"""

if __name__ == "__main__":
    import sys

    from pi_tui.host.server import main

    sys.exit(main())
