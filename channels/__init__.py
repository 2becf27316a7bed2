"""The messengers: a message goes in, an outcome comes out."""
