"""The project's dark and light theme, and the colours that other themes lack."""

from __future__ import annotations

from textual.theme import Theme

from pi_tui.charts.palette import DARK as DARK_CHARTS
from pi_tui.charts.palette import LIGHT as LIGHT_CHARTS

DARK_VARIABLES = {
    "running": "#64e6c3",
    "gil-wait": "#f89643",
    "waiting": "#bf9356",
    "lock-wait": "#9774c3",
    "io-wait": "#6375b5",
    "queued": "#5f6775",
    "startup": "#4d5666",
    "idle": "#394252",
    "track": "#2c3445",
    "muted": "#8f99ad",
    "faint": "#5d677b",
    "key": "#7db8ff",
    "cursor": "#20304a",
    "cursor-away": "#1b212d",
    "code-keyword": "#7db8ff",
    "code-name": "#f0f4fb",
    "code-string": "#9fcf9f",
    "code-number": "#e3c07a",
    "code-comment": "#76819a",
    "code-decorator": "#c3a6ec",
    "code-builtin": "#86cfd8",
    **{f"tint-{number}": colour for number, colour in enumerate(DARK_CHARTS.tints)},
}

LIGHT_VARIABLES = {
    "running": "#006956",
    "gil-wait": "#a54800",
    "waiting": "#8f6a28",
    "lock-wait": "#9268c8",
    "io-wait": "#7b8fd6",
    "queued": "#9da4b1",
    "startup": "#b2b8c3",
    "idle": "#c8ccd5",
    "track": "#d3d7de",
    "muted": "#5f687a",
    "faint": "#8b93a2",
    "key": "#1c5fc4",
    "cursor": "#d3e3fa",
    "cursor-away": "#eceef2",
    "code-keyword": "#1c5fc4",
    "code-name": "#10141c",
    "code-string": "#3d7a3d",
    "code-number": "#8a5a00",
    "code-comment": "#7c8494",
    "code-decorator": "#7a49b8",
    "code-builtin": "#14707c",
    **{f"tint-{number}": colour for number, colour in enumerate(LIGHT_CHARTS.tints)},
}

DARK = Theme(
    name="pi-dark",
    dark=True,
    primary="#7db8ff",
    secondary="#ab83dd",
    accent="#4fe3bb",
    success="#4fe3bb",
    warning="#ffbf5f",
    error="#ff7085",
    foreground="#dde3ee",
    background="#0e1118",
    surface="#151a24",
    panel="#1b2130",
    variables={
        **DARK_VARIABLES,
        "border": "#7db8ff",
        "border-blurred": "#323a4b",
        "block-cursor-background": "#20304a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#7db8ff",
        "scrollbar": "#323a4b",
        "scrollbar-hover": "#46516a",
        "scrollbar-active": "#7db8ff",
        "scrollbar-background": "#0e1118",
        "scrollbar-background-hover": "#0e1118",
        "scrollbar-background-active": "#0e1118",
        "scrollbar-corner-color": "#0e1118",
    },
)

LIGHT = Theme(
    name="pi-light",
    dark=False,
    primary="#1c5fc4",
    secondary="#8a5cc4",
    accent="#006b58",
    success="#006b58",
    warning="#9a6200",
    error="#c2213c",
    foreground="#20252f",
    background="#fbfaf8",
    surface="#f3f3f1",
    panel="#e9eaec",
    variables={
        **LIGHT_VARIABLES,
        "border": "#1c5fc4",
        "border-blurred": "#c5cad3",
        "block-cursor-background": "#d3e3fa",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#1c5fc4",
        "scrollbar": "#c5cad3",
        "scrollbar-hover": "#a6adba",
        "scrollbar-active": "#1c5fc4",
        "scrollbar-background": "#fbfaf8",
        "scrollbar-background-hover": "#fbfaf8",
        "scrollbar-background-active": "#fbfaf8",
        "scrollbar-corner-color": "#fbfaf8",
    },
)


def fallback_variables(theme: Theme) -> dict[str, str]:
    """Return the variables that drawing needs and another theme lacks: those of the dark or the light theme."""
    return dict(DARK_VARIABLES if theme.dark else LIGHT_VARIABLES)
