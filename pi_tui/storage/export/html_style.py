"""How the report looks: one style sheet, light and dark by what the reader's system prefers, and printable."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --text: #20252f; --muted: #5f687a; --line: #d3d7de; --card: #f6f7f9;
  --speedup: #006956; --startup: #b2b8c3; --queued: #9da4b1; --waiting: #8f6a28; --gil_wait: #a54800;
  --lock_wait: #9268c8; --io_wait: #7b8fd6; --between: #8b93a2; --extra: #3f9c86; --imbalance: #1c5fc4;
  --collect: #c8ccd5; --bad: #c2213c; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1118; --text: #dde3ee; --muted: #98a2b6; --line: #2a3242;
  --card: #151a24; --speedup: #4fe3bb; --startup: #5d677b; --queued: #77819a; --waiting: #c39a4c; --gil_wait: #ff9d4d;
  --lock_wait: #ab83dd; --io_wait: #6c7fc4; --between: #7b869c; --extra: #2b8a72; --imbalance: #7db8ff;
  --collect: #3a4356; --bad: #ff7085; } }
body { font: 16px/1.5 system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; color: var(--text);
  background: var(--ground); margin: 2rem auto; max-width: 72rem; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin: 1.8rem 0 .4rem; }
p.about, figcaption, .quiet { color: var(--muted); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .25rem .55rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--muted); font-weight: 500; } td.word, th.word { text-align: left; }
tr.said td { text-align: left; white-space: normal; color: var(--muted); border-bottom-width: 2px; }
.bad { color: var(--bad); }
.bar { display: flex; height: 1.7rem; border-radius: .3rem; overflow: hidden; background: var(--card); }
.bar span { border-right: 1px solid var(--ground); min-width: 1px; }
.scale { display: flex; justify-content: space-between; color: var(--muted); font-size: .8rem; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin-right: .4rem; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; border-radius: .4rem; }
blockquote { margin: .6rem 0; padding: .2rem .9rem; border-left: 3px solid var(--speedup); }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--muted); }
@media print { body { max-width: none; margin: 0; } details { display: none; } }
"""
