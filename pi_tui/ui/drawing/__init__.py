"""Drawing as pure functions: values in, pieces of text with the names of their inks out."""
