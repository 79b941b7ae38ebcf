"""One module per file format. Each turns a file's bytes into text with spans; its library's errors stop there."""
