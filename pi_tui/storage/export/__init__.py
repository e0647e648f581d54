"""A run, its charts, its lanes and a watch as files and text.

- `formats`: the formats of a run by name and by file extension; one exporter each in `json_format`, `table_formats` (CSV
  and Markdown), `html_format` and `pyperf_format`
- `result_fields`: the fields of a result by name, which JSON, CSV and Markdown share
- `chart_files`, `lanes_file`: charts as SVG or PNG; what each worker did at each tick
- `watch_format`: the JSON lines of `pi-tui watch`
- `files`: writes a file completely or not at all
"""
