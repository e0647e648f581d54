"""Drawing as pure functions: values in, spans of text with the names of their styles out."""
