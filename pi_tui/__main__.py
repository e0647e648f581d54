"""`python -m pi_tui`: the same as `pi-tui`."""

from pi_tui.cli import main

if __name__ == "__main__":
    main()
